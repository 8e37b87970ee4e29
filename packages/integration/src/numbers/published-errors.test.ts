import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { imageAt } from '@resnet/data';
import { readCifar10 } from '@resnet/data/node';
import { ensemble, evaluate, type Member, predict } from '@resnet/eval';
import { realCifar10, sharedData } from '@resnet/testing';
import { type Classifier, prepare } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import * as onnxRuntime from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('weights that others published have their published errors', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend('wasm');
  });
  afterAll(() => backend.dispose());

  // PyTorch makes the same 64 and 72 mistakes. All 10,000 images give 827 and 737, the published 8.27 % and 7.37 %;
  // `resnet eval` shows that in half a minute.
  it.for([
    ['resnet20-12fca82f.th', 64],
    ['resnet32-d509ac18.th', 72],
  ] as const)(
    '%s: %i of the first 1,000 test images of CIFAR-10 are wrong',
    async ([file, errors], context) => {
      const cifar = await realCifar10();
      if ('missing' in cifar) return context.skip(cifar.missing);
      const test = await readCifar10(cifar.folder, 'test', { limit: 1000 });
      const { network, normalization } = await loadModel(join(sharedData, 'torch-weights', file));
      const errorsOf = async (classifier: Classifier, batchSize = 128) => {
        const options = { normalization: normalization!, batchSize };
        const { top1Errors } = await evaluate(classifier, test, options);
        classifier.dispose();
        return top1Errors;
      };
      const fused = await prepare(network);
      const onnx = await prepare(network, { engine: 'onnxruntime', runtime: onnxRuntime });
      const results = {
        fused: await errorsOf(fused),
        onnx: await errorsOf(onnx),
        plain: await errorsOf(network, 37),
      };
      expect(results).toEqual({ fused: errors, onnx: errors, plain: errors });
    },
  );

  // All 10,000 images give 644: 6.44 %.
  it('as an ensemble they are wrong where the means of stored probabilities are', async (context) => {
    const cifar = await realCifar10();
    if ('missing' in cifar) return context.skip(cifar.missing);
    const test = await readCifar10(cifar.folder, 'test', { limit: 1000 });
    const members: Member[] = [];
    const stored: number[][][] = [];
    for (const file of ['resnet20-12fca82f.th', 'resnet32-d509ac18.th']) {
      const { network, normalization } = await loadModel(join(sharedData, 'torch-weights', file));
      const classifier = await prepare(network);
      network.dispose();
      members.push({ classifier, normalization: normalization! });
      const rows: number[][] = [];
      for (let index = 0; index < test.count; index++) {
        const options = { normalization: normalization!, top: 10 };
        const predictions = await predict(classifier, imageAt(test, index), options);
        rows.push(predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability));
      }
      stored.push(rows);
    }
    const [first, second] = stored as [number[][], number[][]];
    const wrong = first.filter((row, index) => {
      const means = row.map((probability, place) => (probability + second[index]![place]!) / 2);
      return means.indexOf(Math.max(...means)) !== test.labels[index];
    });
    const { top1Errors } = await evaluate(ensemble(members), test);
    expect(top1Errors).toBe(wrong.length);
    for (const { classifier } of members) (classifier as Classifier).dispose();
  });
});
