// Times an evaluation in a separate process:
// node --expose-gc measure-evaluation.js LIBRARY THREADS NETWORK COUNT [FOLDER] → one line of JSON

import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { type Dataset, IMAGENET_NORMALIZATION, scaledCenterCrop } from '@resnet/data';
import { imageFolder } from '@resnet/data/node';
import { evaluate, singleView } from '@resnet/eval';
import { prepare } from '@resnet/zoo';
import * as onnxRuntime from 'onnxruntime-web';
import { answer } from '../measuring/answer.js';
import type { Library } from '../measuring/peer.js';
import { isImageNetName } from '../networks/imagenet.js';
import { createNetwork } from '../networks/ours.js';

/** What this script prints. */
export interface EvaluationMeasurement {
  imagesPerSecond: number;
  loss: number;
}

const [library, threads, name, count, folder] = process.argv.slice(2) as [
  Library,
  string,
  string,
  string,
  string | undefined,
];
onnxRuntime.env.wasm.numThreads = Number(threads);
await useBackend('wasm', { threads: Number(threads) });
const network = createNetwork(name);
const engine = library === 'onnxruntime' ? 'onnxruntime' : 'tfjs';
const classifier = await prepare(network, { engine, runtime: onnxRuntime });
const { classes } = network.architecture;
network.dispose();

const options = {
  normalization: IMAGENET_NORMALIZATION,
  batchSize: isImageNetName(name) ? 8 : 128,
  view: singleView(isImageNetName(name) ? scaledCenterCrop() : undefined),
};
// The first one warms up.
await evaluate(classifier, await setOf(options.batchSize), options);
const { loss, seconds } = await evaluate(classifier, await setOf(Number(count)), options);
const measurement: EvaluationMeasurement = { imagesPerSecond: Number(count) / seconds, loss };
answer(measurement);

/** The folder's images over and over, or noise. */
async function setOf(count: number): Promise<Dataset> {
  const labels = Int32Array.from({ length: count }, (_, index) => index % classes);
  const set = { name: 'benchmark', count, labels, classes: Array.from({ length: classes }, String) };
  if (folder) {
    const files = await imageFolder(folder);
    return { ...set, read: (index) => files.read(index % files.count) };
  }
  const [height, width] = isImageNetName(name) ? [375, 500] : [32, 32];
  const random = new Random(1);
  const pixels = Uint8Array.from({ length: height * width * 3 }, () => random.int(256));
  return { ...set, read: async () => ({ pixels, height, width, channels: 3 }) };
}
