// Writes a network as a file for another library: node export-model.js FORMAT NETWORK BATCH_SIZE FILE
import { writeFile } from 'node:fs/promises';
import { useBackend } from '@resnet/backend';
import { exportInt8Onnx, exportOnnx, type Network } from '@resnet/zoo';
import { createNetwork } from '../networks/ours.js';
import { quantizedNetwork, rangesBeforeAdditions } from '../networks/quantized.js';
import { roundBeforeAdditions } from '../onnx/round-before-additions.js';
import { int8TfliteOf, tfliteOf } from '../tflite/network.js';

/** What files there are. ONNX leaves the number of images open. */
const writers = {
  onnx: (network: Network) => exportOnnx({ network }),
  'onnx-int8': async (network: Network) => {
    const file = await exportInt8Onnx({ network: await quantizedNetwork(network) });
    return roundBeforeAdditions(file, await rangesBeforeAdditions(network));
  },
  tflite: async (network: Network, count: number) => tfliteOf(network, count),
  'tflite-int8': int8TfliteOf,
};
export type ModelFormat = keyof typeof writers;

const [format, name, batchSize, file] = process.argv.slice(2) as [ModelFormat, string, string, string];
await useBackend('wasm', { threads: 1 });
await writeFile(file, await writers[format](createNetwork(name), Number(batchSize)));
