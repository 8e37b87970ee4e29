import { parentPort, workerData } from 'node:worker_threads';
import { decodeImage, decodeImageFile } from '../../images/decode-image.node.js';
import type { BatchJob } from './messages.js';
import { serveBatches } from './serve.js';

const makeBatch = serveBatches(workerData, (input, name, admit) =>
  typeof input === 'string' ? decodeImageFile(input, admit) : decodeImage(input, name, admit),
);

parentPort!.on('message', async (job: BatchJob) => {
  const { reply, moved } = await makeBatch(job);
  parentPort!.postMessage(reply, moved);
});
