import { decodeImage } from '../../images/decode-image.browser.js';
import { fetchImage } from './fetch-image.js';
import type { BatchJob, WorkerSetup } from './messages.js';
import { serveBatches } from './serve.js';

let makeBatch: ReturnType<typeof serveBatches> | undefined;

// The first message is the setup, all others are jobs.
self.addEventListener('message', async ({ data }: MessageEvent<WorkerSetup | BatchJob>) => {
  if (!makeBatch) {
    makeBatch = serveBatches(data as WorkerSetup, async (input, name, admit) =>
      typeof input === 'string'
        ? decodeImage(await fetchImage(input), input, admit)
        : decodeImage(input, name, admit),
    );
    return;
  }
  const { reply, moved } = await makeBatch(data as BatchJob);
  self.postMessage(reply, { transfer: moved });
});
