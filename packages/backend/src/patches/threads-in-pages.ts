import { patchProperty } from '@resnet/core';

/**
 * tfjs's threads run the source text of a function that refers to variables outside of it. Bundlers rename these: the threads then
 * end with an error, and tfjs waits for them forever. Here the threads find such variables, and an error rejects.
 */
export function withWholeThreads<T>(create: () => Promise<T>, end: AbortSignal): Promise<T> {
  const channel = new BroadcastChannel(`resnet-threads-${Math.random()}`);
  end.addEventListener('abort', () => channel.close());
  const failure = new Promise<never>((_, reject) => {
    channel.onmessage = ({ data }) => reject(new Error(data));
  });
  const start = 'var WasmBackendModuleThreadedSimd = ';
  // Code that makes another Blob meanwhile gets an ordinary one.
  const restore = patchProperty(
    globalThis,
    'Blob',
    (below) =>
      new Proxy(below, {
        construct: (_, [parts, options]: [BlobPart[]?, BlobPropertyBag?]) => {
          const [text] = parts ?? [];
          if (typeof text !== 'string' || !text.startsWith(start)) return new below(parts, options);
          restore();
          return new below([wholeProgram(text.slice(start.length), channel.name)], options);
        },
      }),
  );
  // Also where a start is given up because it takes too long.
  end.addEventListener('abort', restore);
  return Promise.race([create(), failure]).finally(restore);
}

function wholeProgram(factory: string, channel: string): string {
  return `var WasmBackendModuleThreadedSimd;
with (new Proxy({}, { has: (_, name) => !(name in self), get: () => undefined })) {
  const factory = ${factory};
  WasmBackendModuleThreadedSimd = (module) => {
    try {
      return factory(module);
    } catch (error) {
      new BroadcastChannel('${channel}').postMessage(String(error));
    }
  };
}`;
}
