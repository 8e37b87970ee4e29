import type { WorkerSetup } from './messages.js';
import type { StartWorker, WorkerEvents, WorkerHandle } from './start.js';

/**
 * Starts a web worker. Its program is the text in a module, so that bundlers need to find no file. The module is loaded at the
 * first start, so that pages without workers don't load it.
 */
export const startWorker: StartWorker = (setup, events) => {
  const worker = import('../../generated/worker-program.js').then(({ default: program }) =>
    start(program, setup, events),
  );
  worker.catch((error: Error) => events.onEnd(error.message));
  const use = (action: (worker: WorkerHandle) => void) => void worker.then(action, () => {});
  return {
    post: (job) => use(({ post }) => post(job)),
    terminate: () => use(({ terminate }) => terminate()),
  };
};

function start(program: string, setup: WorkerSetup, { onReply, onEnd }: WorkerEvents): WorkerHandle {
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module' });
  const terminate = () => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  const end = (reason: string) => {
    terminate();
    onEnd(reason);
  };
  worker.addEventListener('message', ({ data }) => onReply(data));
  worker.addEventListener('error', ({ message }) =>
    end(message || 'the page’s content security policy may forbid it'),
  );
  worker.addEventListener('messageerror', () => end('its answer could not be read'));
  worker.postMessage(setup);
  return { post: (job) => worker.postMessage(job), terminate };
}
