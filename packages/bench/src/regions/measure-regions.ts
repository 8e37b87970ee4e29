// Times operations on regions in a separate process: node measure-regions.js ours THREADS → one line of JSON, milliseconds by name

import { roiAlign, roiMaxPool, upsampleNearest, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { noise, runKernel } from '../kernels/cases/tensors.js';
import { answer } from '../measuring/answer.js';
import { medianTime } from '../measuring/median.js';
import { coarseShape, grid, mapShape, REGIONS, regions, sampling } from './workload.js';

/** What this script prints. */
export type RegionTimes = Record<string, number>;

const [, threads] = process.argv.slice(2);
await useBackend('wasm', { threads: Number(threads) });

const given = regions();
const [rows, columns] = grid.size;
const attributes = { regions: given, rows, columns, scale: grid.scale };
const x = noise<tf.Tensor4D>(mapShape);
const coarse = noise<tf.Tensor4D>(coarseShape);
const dy = noise<tf.Tensor4D>([REGIONS, rows, columns, mapShape[3]]);
const y = roiMaxPool(x, given, grid);

const runs: Record<string, () => tf.Tensor> = {
  sum: () => tf.add(x, x),
  RoIAlign: () => roiAlign(x, given, { ...grid, ...sampling }),
  'RoIAlign, gradient': () =>
    runKernel('RoiAlignGradient', { dy }, { ...attributes, ...sampling, shape: mapShape }),
  'RoI max pooling': () => roiMaxPool(x, given, grid),
  'RoI max pooling, gradient': () => runKernel('RoiMaxPoolGradient', { dy, x, y }, attributes),
  'nearest upsampling': () => upsampleNearest(coarse, [mapShape[1], mapShape[2]]),
  'nearest upsampling, gradient': () =>
    runKernel('UpsampleNearestGradient', { dy: x }, { shape: coarseShape }),
};

const times: RegionTimes = {};
for (const [name, run] of Object.entries(runs)) {
  const once = () => run().dispose();
  await medianTime(once, 0.3);
  times[name] = await medianTime(once, 1);
}
answer(times);
