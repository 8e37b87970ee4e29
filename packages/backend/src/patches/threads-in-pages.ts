import { patchProperty } from '@resnet/core';

/**
 * tfjs's threads run the text of a function that looks at variables outside of it, and asks for them in a way that bundlers
 * break: the threads then end with an error, and tfjs waits for them forever. Here such variables are there, and an error
 * rejects.
 */
export function withWholeThreads<T>(create: () => Promise<T>, end: AbortSignal): Promise<T> {
  const channel = new BroadcastChannel(`resnet-threads-${Math.random()}`);
  end.addEventListener('abort', () => channel.close());
  const failure = new Promise<never>((_, reject) => {
    channel.onmessage = ({ data }) => reject(new Error(data));
  });
  const start = 'var WasmBackendModuleThreadedSimd = ';
  // Others who make a Blob meanwhile get what they would get without it.
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
  // A start that takes too long is given up before it has ended.
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
