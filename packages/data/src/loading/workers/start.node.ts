import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { resolveOptionalPackage } from '../../optional-package.js';
import type { StartWorker } from './start.js';

/** Starts threads that run the program at a URL. An idle thread does not keep the process alive. */
export function startWorkersFrom(program: URL): StartWorker {
  return (setup, { onReply, onEnd }) => {
    loadSharpHere();
    const worker = new Worker(program, { workerData: setup });
    let reason = 'it exited';
    worker.on('message', (reply) => {
      worker.unref();
      onReply(reply);
    });
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => onEnd(reason));
    return {
      post(job) {
        worker.ref();
        worker.postMessage(job);
      },
      terminate: () => void worker.terminate(),
    };
  };
}

export const startWorker = startWorkersFrom(new URL('./program.node.js', import.meta.url));

/** On Linux sharp crashes when the last thread that uses it ends, unless the main thread has loaded it before. */
function loadSharpHere(): void {
  try {
    createRequire(import.meta.url)(resolveOptionalPackage('sharp', 'Reading images'));
  } catch {
    // Only sets of image files need sharp; for those the worker reports that it is missing.
  }
}
