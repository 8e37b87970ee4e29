import { type Dataset, imageAt, type Transform } from '@resnet/data';
import { evaluate } from '@resnet/eval';
import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet, preprocessor } from '@resnet/zoo';
import { describe, expect, it } from 'vitest';
import { fit, type MetricsRecord, recipe } from '../index.js';
import { subjectOf, testTransform, trainingTransform } from '../recipe/augmentation.js';
import { normalization, stripes } from '../test-support.js';

useOneBackend();

const set = stripes(8);
const files: Dataset = {
  ...{ name: 'files', count: set.count, classes: set.classes, labels: Int32Array.from(set.labels) },
  read: async (index) => imageAt(set, index),
};
const network = (imageSize?: number) =>
  cifarResNet(8, { classes: 2, inChannels: 1, seed: 4, ...(imageSize === undefined ? {} : { imageSize }) });
const makersOf = ({ origin }: Transform): unknown[] =>
  origin!.maker === 'compose'
    ? origin!.options.flatMap((part) => makersOf(part as Transform))
    : [origin!.maker];

describe('images of other sizes than the network takes', () => {
  it('are brought to its size in training and in its tests, for every augmentation', () => {
    const [same, larger] = [network(), network(48)];
    for (const [augmentation, first] of [
      ['none', undefined],
      ['pad-crop-flip', 'padAndCrop'],
      ['resized-crop-flip', 'randomResizedCrop'],
      ['scale-crop-flip-color', 'randomScaledCrop'],
    ] as const) {
      const chosen = recipe('digits', { augmentation });
      const own = trainingTransform(chosen, set, subjectOf(same, { train: set }));
      expect(own && makersOf(own)[0]).toBe(first);
      const scaled = makersOf(trainingTransform(chosen, set, subjectOf(larger, { train: set }))!);
      const expected = first?.startsWith('random') ? first : 'scaledCenterCrop';
      expect(scaled).toContain(expected);
      if (augmentation === 'pad-crop-flip') continue;
      const read = makersOf(trainingTransform(chosen, files, subjectOf(same, { train: files }))!);
      expect([read[0], read.at(-1)]).toEqual([first ?? 'scaledCenterCrop', 'grayscale']);
    }
    expect(testTransform(set, subjectOf(same, { train: set }))).toBeUndefined();
    expect(makersOf(testTransform(set, subjectOf(larger, { train: set }))!)).toContain('scaledCenterCrop');
    expect(subjectOf(larger, { train: set }).preprocessing).toEqual({ shorterSide: 48, filter: 'bilinear' });
    expect(subjectOf(larger, { train: files }).preprocessing).toBeUndefined();
    same.dispose();
    larger.dispose();
  });

  it('are tested in training as evaluate and predict see them', async () => {
    const larger = network(40);
    const records: MetricsRecord[] = [];
    await fit(larger, {
      ...{ train: set, test: set, normalization },
      recipe: recipe('digits', { iterations: 1, batchSize: 4, learningRate: 0.01 }),
      onRecord: (record) => void records.push(record),
    });
    const transform = preprocessor({ network: larger });
    const { loss } = await evaluate(larger, set, {
      normalization,
      view: { kind: 'single', name: 'as trained', transform },
    });
    expect(records.find(({ kind }) => kind === 'test')!.loss).toBeCloseTo(loss, 5);
    larger.dispose();
  });
});

describe('what can not be trained', () => {
  it('is refused before any step: one class, or a mean for each pixel of another size', async () => {
    const small = network();
    const options = { recipe: recipe('digits'), normalization };
    await expect(
      fit(small, { ...options, train: { ...set, classes: ['across'], labels: new Uint8Array(8) } }),
    ).rejects.toMatchObject({ code: 'DATA_INVALID', message: expect.stringContaining("only 'across'") });
    const mean = new Float32Array(28 * 28);
    await expect(
      fit(small, { ...options, train: set, normalization: { ...normalization, mean } }),
    ).rejects.toMatchObject({ code: 'SHAPE_MISMATCH', message: expect.stringContaining('28 × 28') });
    small.dispose();
  });
});
