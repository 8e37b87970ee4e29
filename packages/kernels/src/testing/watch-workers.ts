import type { Worker } from 'node:worker_threads';

/** Notes every worker thread that this process starts from now on. */
export function watchWorkers(): { started: Worker[]; running(): Worker[]; stop(): void } {
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  process.on('worker', note);
  return {
    started,
    /** A thread that has ended has the number -1. */
    running: () => started.filter(({ threadId }) => threadId >= 0),
    stop: () => void process.off('worker', note),
  };
}
