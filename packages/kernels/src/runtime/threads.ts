import { ResnetError, withinTime } from '@resnet/core';
import { createWorker, type ThreadWorker } from '#kernels-platform';
import { type Exports, MAX_THREADS, type Runtime } from './runtime.js';

/** A JavaScript runtime without such threads, or a page that forbids them, may never answer a start. */
const MOST_SECONDS = 10;

/**
 * A thread's whole program. It runs in Node's workers and in those of browsers, and is kept as text so that no bundler
 * needs to find a file.
 */
const PROGRAM = `
const isNode = typeof require === 'function';
const port = isNode ? require('node:worker_threads').parentPort : self;
const receive = ({ module, memory, control, thread }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  port.postMessage('ready');
  for (;;) {
    try {
      exports.serve(control, thread);
      break;
    } catch {
      exports.fail(control);
    }
  }
  port.postMessage('ended');
};
if (isNode) port.once('message', receive);
else self.onmessage = (event) => receive(event.data);
`;

/** What threads take of a runtime, whatever its kernels are. */
type ThreadedRuntime = Pick<Runtime, 'threads' | 'onThreadLost' | 'hasWorkers' | 'memory' | 'control'>;

/**
 * Starts threads that share the runtime's kernels.
 * @param threads their number, with the calling one
 * @returns how to end them
 * @throws THREAD_LOST if one can't be started
 */
export async function startThreads(
  runtime: ThreadedRuntime,
  module: WebAssembly.Module,
  exports: Exports,
  threads: number,
): Promise<() => void> {
  const workers: ThreadWorker[] = [];
  const stop = () => {
    runtime.threads = 1;
    exports.stop(runtime.control);
    for (const worker of workers) worker.terminate();
  };
  runtime.onThreadLost = stop;
  runtime.hasWorkers = true;
  try {
    for (let thread = 1; thread < Math.min(threads, MAX_THREADS); thread++) {
      const worker = createWorker(PROGRAM);
      workers.push(worker);
      worker.send({ module, memory: runtime.memory, control: runtime.control, thread });
    }
    await withinTime(Promise.all(workers.map((worker) => worker.ready)), MOST_SECONDS);
  } catch (cause) {
    stop();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ResnetError('THREAD_LOST', `A thread for the kernels could not start: ${reason}`, { cause });
  }
  runtime.threads = workers.length + 1;
  return stop;
}
