import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type ImageSet, type Normalization } from '@resnet/data';
import { evaluate } from '@resnet/eval';
import { backendsUnderTest, useBackendUnderTest } from '@resnet/testing/backends';
import { resnet20 } from '@resnet/weights-cifar10';
import { create, type Network, prepare, toTensor } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Subject {
  network: Network;
  normalization: Normalization;
}

const subjects: Record<string, { size: number; count: number; open: () => Promise<Subject> }> = {
  'ResNet-20, trained': {
    size: 32,
    count: 4,
    open: async () => {
      const { network, normalization } = await loadModel(resnet20);
      return { network, normalization: normalization! };
    },
  },
  'ResNet-50, at 32×32': {
    size: 32,
    count: 1,
    open: async () => ({ network: create('resnet50', { seed: 3 }), normalization: IMAGENET_NORMALIZATION }),
  },
};

function noise(size: number, count: number): ImageSet {
  const random = new Random(5);
  const images = Uint8Array.from({ length: count * size * size * 3 }, () => random.int(256));
  const labels = Uint8Array.from({ length: count }, (_, index) => index);
  return {
    ...{ name: 'noise', images, labels, count, height: size, width: size, channels: 3 },
    classes: Array.from({ length: 10 }, String),
  };
}

/** What a network gives: as it is, as `prepare` fuses it, and, of several images, the loss of an evaluation. */
async function run(name: string): Promise<{ logits: number[]; fused: number[]; loss: number }> {
  const { size, count, open } = subjects[name]!;
  const images = noise(size, count);
  const { network, normalization } = await open();
  network.setTraining(false);
  const classifier = await prepare(network);
  const input = toTensor(images, normalization);
  const outputs = [network.forward(input), await classifier.infer(input)];
  const [logits, fused] = (await Promise.all(outputs.map(async (output) => [...(await output.data())]))) as [
    number[],
    number[],
  ];
  const { loss } = count > 1 ? await evaluate(classifier, images, { normalization }) : { loss: 1 };
  tf.dispose([input, outputs]);
  classifier.dispose();
  network.dispose();
  return { logits, fused, loss };
}

function differenceOf(actual: number[], expected: number[]): number {
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, place) => Math.abs(value - actual[place]!))) / largest;
}

describe('the same logits', () => {
  const expected = new Map<string, Awaited<ReturnType<typeof run>>>();
  const table: Record<string, Record<string, string>> = {};

  beforeAll(async () => {
    const backend = await useBackend('cpu');
    for (const name of Object.keys(subjects)) expected.set(name, await run(name));
    backend.dispose();
  });
  afterAll(() => {
    console.log('Largest differences from plain JavaScript, of the largest logit:');
    console.table(table);
  });

  describe.each(backendsUnderTest)('on $label', (underTest) => {
    const backend = useBackendUnderTest(underTest);

    it.each(Object.keys(subjects))('of %s', async (name) => {
      const tensors = tf.memory().numTensors;
      const golden = expected.get(name)!;
      const { logits, fused, loss } = await run(name);
      const difference = Math.max(differenceOf(logits, golden.logits), differenceOf(fused, golden.logits));
      table[underTest.label] = {
        ...table[underTest.label],
        device: backend().device,
        [name]: difference.toExponential(1),
      };
      expect(difference).toBeLessThan(1e-3);
      expect(Math.abs(loss - golden.loss) / golden.loss).toBeLessThan(1e-3);
      expect(tf.memory().numTensors).toBe(tensors);
    });
  });
});
