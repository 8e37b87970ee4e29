import program from '../generated/worker-program.js';
import type { StartWorker } from './start.js';

/** Starts a web worker. Its program comes with this module as text, so that no bundler has to find a file. */
export const startWorker: StartWorker = (setup, { onReply, onEnd }) => {
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
};
