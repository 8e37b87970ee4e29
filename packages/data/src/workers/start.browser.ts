import type { StartWorker } from './start.js';

/** Starts a web worker. Bundlers find its program by this very expression. */
export const startWorker: StartWorker = (setup, { onReply, onEnd }) => {
  const worker = new Worker(new URL('./program.browser.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => onReply(data));
  const end = (reason: string) => {
    worker.terminate();
    onEnd(reason);
  };
  worker.addEventListener('error', ({ message }) => end(message ?? 'its program could not be loaded'));
  worker.addEventListener('messageerror', () => end('its answer could not be read'));
  worker.postMessage(setup);
  return { post: (job) => worker.postMessage(job), terminate: () => worker.terminate() };
};
