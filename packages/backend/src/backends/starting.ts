import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';

/** What a start throws where an npm package can't be loaded. The caller knows which packages the backend needs. */
export class MissingPackage {
  constructor(readonly cause: unknown) {}
}

/**
 * The error of a backend whose npm packages can't be loaded.
 *
 * @param command installs them
 */
export function packageMissing(backend: string, command: string, cause: unknown): ResnetError {
  const message = `The ${backend} backend needs npm packages that can't be loaded: ${command}. ${reasonOf(cause)}`;
  return new ResnetError('BACKEND_MISSING', message, { cause });
}

/**
 * The error of a backend whose npm package is installed, but whose native part is missing or does not fit.
 *
 * @param repair a command that may finish its installation
 */
export function packageBroken(
  backend: string,
  packageName: string,
  cause: unknown,
  repair = `npm rebuild ${packageName}`,
): ResnetError {
  const reason = reasonOf(cause).replace(/\.$/, '');
  const message = `The ${backend} backend could not start, as ${packageName} is installed but does not load: ${reason}. Its installation may not have finished: try '${repair}'.`;
  return new ResnetError('BACKEND_FAILED', message, { cause });
}

type Create = () => tf.KernelBackend | Promise<tf.KernelBackend>;

/**
 * Makes a backend the current one: the one that runs under this name, unless its GPU is lost, or else a new one. tfjs itself would
 * print what goes wrong, and throw nothing.
 *
 * @param create makes it; tfjs calls it again to start the backend by itself after its end
 * @throws BACKEND_FAILED if it fails; then what was running runs on
 */
export async function bringUp(name: string, tfjsName: string, create: Create): Promise<void> {
  const running = isRunning(tfjsName) && (tf.findBackend(tfjsName) as { loss?: ResnetError });
  if (running && !running.loss) {
    await tf.setBackend(tfjsName);
    return;
  }
  let made: tf.KernelBackend | undefined;
  try {
    made = await create();
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    const message = `The ${name} backend could not start: ${reasonOf(cause)}`;
    throw new ResnetError('BACKEND_FAILED', message, { cause });
  }
  register(tfjsName, () => {
    const backend = made ?? create();
    made = undefined;
    return backend;
  });
  await tf.setBackend(tfjsName);
}

/** The first line of an error's message: in the others Node lists the files that required a module. */
export function reasonOf(cause: unknown): string {
  const { message = String(cause) } = (cause ?? {}) as { message?: string };
  return message.split('\n', 1)[0]!;
}

/** The memory of a backend that knows only its tensors. */
export function tensorMemory() {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes, heapBytes: 0, packedBytes: 0, scratchBytes: 0 };
}

export function isRunning(tfjsName: string): boolean {
  return tfjsName in tf.engine().registry;
}

/** Makes tfjs start the backend by this factory, after ending one that runs. */
function register(tfjsName: string, factory: Parameters<typeof tf.registerBackend>[1]): void {
  if (tf.findBackendFactory(tfjsName)) tf.removeBackend(tfjsName);
  tf.registerBackend(tfjsName, factory);
}

/** Removes the backend but leaves tfjs able to start it again. */
export function stop(tfjsName: string): void {
  register(tfjsName, tf.findBackendFactory(tfjsName));
}
