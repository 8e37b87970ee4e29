import { type Backend, useBackend } from '@resnet/backend';
import { Random, ResnetError } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type ImageSet, imageAt, selectImages, toDataset } from '@resnet/data';
import { type Classifier, cifarResNet, fuse, type Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Evaluation, ensemble, evaluate, mergeEvaluations, predict } from '../index.js';

let backend: Backend;
let network: Network;
let fused: Classifier;
let other: Classifier;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  network = cifarResNet(8, { seed: 1 });
  fused = fuse(network);
  other = fuse(cifarResNet(8, { seed: 2 }));
});
afterAll(() => {
  for (const classifier of [network, fused, other]) classifier.dispose();
  backend.dispose();
});

const normalization = IMAGENET_NORMALIZATION;

function randomSet(count: number): ImageSet {
  const random = new Random(4);
  return {
    name: 'noise',
    images: Uint8Array.from({ length: count * 32 * 32 * 3 }, () => random.int(256)),
    labels: Uint8Array.from({ length: count }, () => random.int(10)),
    count,
    height: 32,
    width: 32,
    channels: 3,
    classes: Array.from({ length: 10 }, (_, index) => `class ${index}`),
  };
}

/** All that doesn't depend on the clock. */
const counted = ({ seconds, ...counts }: Evaluation) => counts;

/** Probabilities of each image and class, one image at a time. */
async function probabilitiesOf(classifier: Classifier, set: ImageSet): Promise<number[][]> {
  const rows: number[][] = [];
  for (let index = 0; index < set.count; index++) {
    const predictions = await predict(classifier, imageAt(set, index), { normalization, top: 10 });
    rows.push(predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability));
  }
  return rows;
}

const wrong = (rows: readonly number[][], set: ImageSet) =>
  rows.filter((row, index) => row.indexOf(Math.max(...row)) !== set.labels[index]).length;

describe('evaluate', () => {
  it('counts what one prediction at a time finds, in any batch size, and leaks nothing', async () => {
    const set = randomSet(11);
    const before = tf.memory().numTensors;
    const whole = await evaluate(network, set, { normalization, batchSize: 11 });
    const parts = await evaluate(network, set, { normalization, batchSize: 4 });
    const rows = await probabilitiesOf(network, set);
    let [top5Errors, loss] = [0, 0];
    for (const [index, row] of rows.entries()) {
      const own = row[set.labels[index]!]!;
      if (row.filter((value) => value > own).length >= 5) top5Errors++;
      loss -= Math.log(own) / set.count;
    }
    const top1Errors = wrong(rows, set);
    const counts = { count: 11, top1Errors, top5Errors, top1Error: top1Errors / 11, ranges: [[0, 11]] };
    expect(whole).toMatchObject(counts);
    expect(parts).toMatchObject(counts);
    expect(parts.loss).toBeCloseTo(loss, 5);
    expect(whole.confusions.reduce((total, [, , count]) => total + count, 0)).toBe(11);
    expect(whole.mistakes).toHaveLength(top1Errors);
    const [worst] = whole.mistakes;
    const row = rows[worst!.index]!;
    expect(worst!.labelProbability).toBeCloseTo(row[worst!.label]!, 5);
    expect(worst!.probability).toBeCloseTo(Math.max(...row), 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reports progress, keeps the mode of the network, and stops when asked', async () => {
    const set = randomSet(6);
    const seen: number[] = [];
    const options = { normalization, batchSize: 2 };
    network.setTraining(true);
    await evaluate(network, set, { ...options, onProgress: ({ count }) => seen.push(count) });
    expect(seen).toEqual([2, 4, 6]);
    expect(network.training).toBe(true);
    const before = tf.memory().numTensors;
    const stopped = evaluate(network, set, { ...options, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a set of other channels or more classes', async () => {
    const gray: ImageSet = { ...randomSet(1), channels: 1, images: new Uint8Array(1024) };
    const many: ImageSet = { ...randomSet(1), classes: Array(11).fill('class') };
    for (const set of [gray, many]) {
      await expect(evaluate(network, set, { normalization })).rejects.toMatchObject({
        code: 'SHAPE_MISMATCH',
      });
    }
  });

  it('finds in shards and after interruptions exactly what it finds at once', async () => {
    const set = randomSet(23);
    const realLabels = Array.from({ length: 23 }, (_, index) => (index % 5 === 0 ? [] : [index % 10, 3]));
    const whole = await evaluate(fused, set, { normalization, realLabels });
    for (const given of [set, toDataset(set)]) {
      const parts: Evaluation[] = [];
      for (const index of [2, 0, 3, 1]) {
        const shard = [index, 4] as const;
        const stop = new AbortController();
        let soFar: Evaluation | undefined;
        const interrupted = evaluate(fused, given, {
          normalization,
          realLabels,
          shard,
          batchSize: 2,
          signal: stop.signal,
          onProgress: ({ evaluation }) => {
            soFar = evaluation();
            stop.abort();
          },
        });
        await expect(interrupted).rejects.toMatchObject({ code: 'ABORTED' });
        expect(soFar!.count).toBe(2);
        const stored: Evaluation = JSON.parse(JSON.stringify(soFar));
        parts.push(
          await evaluate(fused, given, { normalization, realLabels, shard, batchSize: 3, soFar: stored }),
        );
      }
      expect(counted(mergeEvaluations(parts))).toEqual(counted(whole));
      expect(() => mergeEvaluations([...parts, parts[1]!])).toThrow('more than one');
    }
    expect(whole.realLabels!.count).toBe(18);
    const again = evaluate(fused, set, { normalization, shard: [1, 2], soFar: whole });
    await expect(again).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(evaluate(fused, set, { normalization, shard: [2, 2] })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });

  it('leaves out broken images on request, wherever they are, and counts the others as they are', async () => {
    const set = randomSet(23);
    const places = [0, 1, 5, 8, 22];
    const others = Array.from({ length: 23 }, (_, index) => index).filter((index) => !places.includes(index));
    const failing = (broken: readonly number[]) => ({
      ...toDataset(set),
      read: async (index: number) => {
        if (!broken.includes(index)) return { ...imageAt(set, index) };
        throw new ResnetError('IMAGE_INVALID', `image ${index}`);
      },
    });
    const data = failing(places);
    const expected = counted(await evaluate(fused, selectImages(set, others), { normalization }));
    const mistakes = expected.mistakes.map((mistake) => ({ ...mistake, index: others[mistake.index]! }));
    const heard: number[] = [];
    const options = { normalization, onBroken: (_: ResnetError, index: number) => heard.push(index) };
    const whole = await evaluate(fused, data, { ...options, batchSize: 4 });
    expect(heard).toEqual(places);
    expect(counted(whole)).toEqual({ ...expected, ranges: [[0, 23]], broken: places, mistakes });

    const parts: Evaluation[] = [];
    for (const index of [1, 2, 0]) parts.push(await evaluate(fused, data, { ...options, shard: [index, 3] }));
    expect(counted(mergeEvaluations(parts))).toEqual(counted(whole));
    const realLabels = Array.from({ length: 23 }, (_, index) => (index === 2 ? [...Array(10).keys()] : []));
    const real = await evaluate(fused, data, { ...options, realLabels });
    expect(real.realLabels).toEqual({ count: 1, top1Errors: 0 });

    await expect(evaluate(fused, data, { normalization })).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    const none = evaluate(fused, failing([...Array(23).keys()]), options);
    await expect(none).rejects.toMatchObject({ message: expect.stringContaining('found 23 broken ones') });
  });

  it('leaves out of an ensemble what any of its networks could not read', async () => {
    const set = randomSet(9);
    let reads = 0;
    const data = {
      ...toDataset(set),
      // The first network fails at image 2, the second one at image 6.
      read: async (index: number) => {
        const turn = Math.floor(reads++ / 9);
        if (index !== [2, 6][turn]) return { ...imageAt(set, index) };
        throw new ResnetError('FILE_UNREADABLE', `image ${index}`);
      },
    };
    const members = [fused, other].map((classifier) => ({ classifier, normalization }));
    const together = ensemble(members);
    const kept = selectImages(set, [0, 1, 3, 4, 5, 7, 8]);
    const { top1Errors, loss } = await evaluate(together, kept);
    const heard: number[] = [];
    const found = await evaluate(together, data, { onBroken: (_, index) => heard.push(index) });
    expect(heard).toEqual([2, 6]);
    expect(found).toMatchObject({ count: 7, top1Errors, loss, broken: [2, 6], ranges: [[0, 9]] });
  });

  it('maps classes, and leaves out those that the set does not have', async () => {
    const set = { ...randomSet(30), classes: ['a', 'b', 'c'] };
    set.labels = set.labels.map((label) => label % 3);
    const classMap = [7, 2, 4];
    const rows = await probabilitiesOf(fused, set);
    const mapped = await evaluate(fused, set, { normalization, classMap });
    expect(mapped.top1Errors).toBe(
      rows.filter((row, index) => row.indexOf(Math.max(...row)) !== classMap[set.labels[index]!]).length,
    );
    const only = await evaluate(fused, set, { normalization, classMap, onlyClassesOfSet: true });
    const subset = rows.map((row) => classMap.map((index) => row[index]!));
    expect(only).toMatchObject({ classes: 3, top1Errors: wrong(subset, set) });
    const loss = subset.map(
      (row, index) => -Math.log(row[set.labels[index]!]! / row.reduce((a, b) => a + b, 0)),
    );
    expect(only.loss).toBeCloseTo(loss.reduce((a, b) => a + b, 0) / 30, 5);
    for (const wrongMap of [
      [1, 2],
      [1, 2, 10],
    ]) {
      await expect(evaluate(fused, set, { normalization, classMap: wrongMap })).rejects.toThrow('3 classes');
    }
  });
});

describe('ensemble', () => {
  it('averages the probabilities of its networks, in memory or one after another', async () => {
    const set = randomSet(40);
    const [first, second] = [await probabilitiesOf(fused, set), await probabilitiesOf(other, set)];
    const stored = first.map((row, index) => row.map((value, place) => (value + second[index]![place]!) / 2));
    const before = tf.memory().numTensors;
    const members = [
      { classifier: fused, normalization },
      { classifier: other, normalization },
    ];
    const together = await evaluate(ensemble(members), set);
    expect(together.top1Errors).toBe(wrong(stored, set));
    const loss = stored.reduce((total, row, index) => total - Math.log(row[set.labels[index]!]!), 0) / 40;
    expect(together.loss).toBeCloseTo(loss, 5);

    let open = 0;
    const opened = (seed: number) => async () => {
      expect(open++).toBe(0);
      const made = cifarResNet(8, { seed });
      const classifier = fuse(made);
      made.dispose();
      return {
        architecture: classifier.architecture,
        inputShape: classifier.inputShape,
        infer: (x: tf.Tensor4D) => classifier.infer(x),
        dispose() {
          open--;
          classifier.dispose();
        },
      };
    };
    const seen: number[] = [];
    const inTurn = await evaluate(
      ensemble([1, 2].map((seed) => ({ classifier: opened(seed), normalization }))),
      set,
      { batchSize: 20, onProgress: ({ count }) => seen.push(count) },
    );
    expect(counted(inTurn)).toEqual(counted(together));
    expect(seen).toEqual([10, 20, 30, 40, 40]);
    expect(open).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('averages logits if asked', async () => {
    const set = selectImages(randomSet(3), [0, 1, 2]);
    const [first, second] = [await probabilitiesOf(fused, set), await probabilitiesOf(other, set)];
    // Means of logits are means of log-probabilities, but for a number that the softmax takes away.
    const means = first.map((row, index) =>
      row.map((value, place) => Math.sqrt(value * second[index]![place]!)),
    );
    const losses = means.map(
      (row, index) => -Math.log(row[set.labels[index]!]! / row.reduce((a, b) => a + b, 0)),
    );
    const members = [fused, other].map((classifier) => ({ classifier, normalization }));
    const { loss } = await evaluate(ensemble(members, { averaging: 'logits' }), set);
    expect(loss).toBeCloseTo(losses.reduce((a, b) => a + b, 0) / 3, 5);
    expect(() => ensemble([])).toThrow('at least one');
  });
});
