import { type BackendName, useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type ImageSet, type Normalization } from '@resnet/data';
import { resnet20 } from '@resnet/weights-cifar10';
import { create, type Network, prepare, toTensor } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import * as tf from '@tensorflow/tfjs-core';
import { printTable } from '../measuring/table.js';
import { launchOf } from '../networks/launch.js';

/** How far logits may differ, relative to the largest, and losses. */
const tolerance = 1e-3;
const lossTolerance = 1e-4;
const steps = 50;
/** So low that rounding is not amplified from step to step: with 0.01 two WebAssembly kernels differ by 9e-3. */
const learningRate = 1e-4;
const training = { network: 'resnet20', size: 32, batchSize: 8, mode: 'train' } as const;

interface Subject {
  network: Network;
  normalization: Normalization;
}

const subjects: { name: string; size: number; count: number; open: () => Promise<Subject> }[] = [
  {
    ...{ name: 'ResNet-20, trained', size: 32, count: 8 },
    open: async () => {
      const { network, normalization } = await loadModel(resnet20);
      return { network, normalization: normalization! };
    },
  },
  {
    ...{ name: 'ResNet-50, at 64×64', size: 64, count: 2 },
    open: async () => ({ network: create('resnet50', { seed: 3 }), normalization: IMAGENET_NORMALIZATION }),
  },
];

/**
 * Prints how far the logits of noise are from those of this project's WebAssembly kernels, for the network as it is and
 * as `prepare` fuses it, and the losses of a training. The exit code is 1 if they disagree.
 */
export async function compareLogits(name: BackendName): Promise<void> {
  const reference = await useBackend('wasm', { threads: 1 });
  const expected = await allLogits();
  const expectedLosses = await losses();
  reference.dispose();
  const backend = await useBackend(name);
  const actual = await allLogits();
  const actualLosses = await losses();
  const { device } = backend;
  backend.dispose();
  const differences = actual.map((logits, subject) =>
    logits.map((values, way) => differenceOf(values, expected[subject]![way]!)),
  );
  console.log(
    `The largest difference between logits on ${device} and on WebAssembly, of the largest logit:\n`,
  );
  printTable(
    ['', 'network', 'fused for inference'],
    subjects.map((subject, index) => [
      `${subject.name}, ${subject.count} images`,
      ...differences[index]!.map((difference) => difference.toExponential(1)),
    ]),
  );
  const ofLosses = actualLosses.map((loss, step) => Math.abs(loss / expectedLosses[step]! - 1));
  console.log(
    `\nThe largest difference between the losses of ${steps} steps of ResNet-20, ${training.batchSize} images, relative: ` +
      `${Math.max(...ofLosses).toExponential(1)}; the last loss is ${actualLosses.at(-1)!.toPrecision(4)}.`,
  );
  // Not `some` and `>`, so that NaN counts as a difference.
  const agree =
    differences.flat().every((difference) => difference <= tolerance) &&
    ofLosses.every((difference) => difference <= lossTolerance);
  const limits = `logits by more than ${tolerance}, or losses by more than ${lossTolerance}`;
  console.log(agree ? '\nThey agree.' : `\nThey DISAGREE: ${limits}.`);
  if (!agree) process.exitCode = 1;
}

async function allLogits(): Promise<Float32Array[][]> {
  const found = [];
  for (const { size, count, open } of subjects) {
    const { network, normalization } = await open();
    network.setTraining(false);
    const classifier = await prepare(network);
    const input = toTensor(noise(size, count), normalization);
    const outputs = [network.forward(input), await classifier.infer(input)];
    found.push(await Promise.all(outputs.map((output) => output.data<'float32'>())));
    tf.dispose([input, outputs]);
    classifier.dispose();
    network.dispose();
  }
  return found;
}

/** Of each step of a training, always with the same images. */
async function losses(): Promise<number[]> {
  const launch = await launchOf(training, learningRate);
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = await launch();
    found.push((await loss.data())[0]!);
    loss.dispose();
  }
  return found;
}

function noise(size: number, count: number): ImageSet {
  const random = new Random(5);
  return {
    ...{ name: 'noise', count, height: size, width: size, channels: 3, classes: ['noise'] },
    images: Uint8Array.from({ length: count * size * size * 3 }, () => random.int(256)),
    labels: new Uint8Array(count),
  };
}

function differenceOf(actual: Float32Array, expected: Float32Array): number {
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!))) / largest;
}
