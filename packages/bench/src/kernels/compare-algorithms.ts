import { conv2d, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { medianTime } from '../measuring/median.js';
import { cell, printTable, speedup } from '../measuring/table.js';
import { noise } from './cases/tensors.js';

/** Images, their height and width, and channels in and out of 3×3 convolutions of stride 1. */
const SHAPES = [
  ...[32, 16, 8].flatMap((size) => [4, 8, 16, 32, 64].map((channels) => [32, size, channels, channels])),
  ...[2, 3, 4, 5, 6, 7].map((size) => [128, size, 32, 32]),
  ...[3, 4, 8, 32].flatMap((channels) => [
    [32, 32, channels, 16],
    [32, 32, 16, channels],
  ]),
  ...[1, 2, 8].flatMap((images) => [
    [images, 56, 64, 64],
    [images, 28, 128, 128],
    [images, 14, 256, 256],
    [images, 7, 512, 512],
    [images, 4, 64, 64],
  ]),
] as [number, number, number, number][];

/**
 * Prints what the choice between direct and Winograd convolution is worth at each shape: the time of direct convolution
 * and of the one that is chosen. A ratio well below 1 is a wrong choice; one of 1 that direct was chosen, or a tie.
 */
export async function compareAlgorithms({ turns }: { turns: number }): Promise<void> {
  const best = SHAPES.map(() => ({ direct: [Infinity, Infinity], chosen: [Infinity, Infinity] }));
  for (let turn = 0; turn < turns; turn++) {
    for (const [algorithm, winograd] of [
      ['direct', false],
      ['chosen', true],
    ] as const) {
      const backend = await useBackend('wasm', { threads: 1, winograd });
      for (const [index, shape] of SHAPES.entries()) {
        const times = await timesOf(shape);
        best[index]![algorithm] = best[index]![algorithm].map((time, kind) => Math.min(time, times[kind]!));
      }
      backend.dispose();
      process.stderr.write(`turn ${turn + 1} of ${turns}: ${algorithm}\n`);
    }
  }
  const header = [
    'images',
    'size',
    'channels',
    'forward',
    'direct ms',
    'chosen ms',
    'filter gradient',
    'direct ms',
    'chosen ms',
  ];
  printTable(
    header,
    SHAPES.map(([images, size, inChannels, outChannels], index) => {
      const { direct, chosen } = best[index]!;
      const columns = [0, 1].flatMap((kind) => [
        speedup(direct[kind], chosen[kind]),
        cell(direct[kind], 3),
        cell(chosen[kind], 3),
      ]);
      return [String(images), `${size} × ${size}`, `${inChannels} → ${outChannels}`, ...columns];
    }),
  );
}

/** Milliseconds of a forward convolution and of its filter's gradient. */
async function timesOf([images, size, inChannels, outChannels]: [number, number, number, number]): Promise<
  [number, number]
> {
  const x = noise<tf.Tensor4D>([images, size, size, inChannels]);
  const filter = noise<tf.Tensor4D>([3, 3, inChannels, outChannels]);
  const dy = noise<tf.Tensor4D>([images, size, size, outChannels]);
  const attributes = { strides: 1, pad: 1, dataFormat: 'NHWC', dilations: 1, filterShape: filter.shape };
  const forward = await medianTime(() => conv2d(x, filter, { padding: 1 }).dispose(), 0.03);
  const gradient = await medianTime(
    () => (tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes) as tf.Tensor).dispose(),
    0.03,
  );
  tf.dispose([x, filter, dy]);
  return [forward, gradient];
}
