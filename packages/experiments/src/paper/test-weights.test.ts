import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { IMAGENET_CLASSES, IMAGENET_NORMALIZATION } from '@resnet/data';
import { ensemble, evaluate, tenCropView } from '@resnet/eval';
import { madeSet, temporaryFolder } from '@resnet/testing';
import { type Architecture, create, prepare } from '@resnet/zoo';
import { loadModel, saveModel } from '@resnet/zoo/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DescribedWeights, matchRows, noteOf } from './match-weights.js';
import type { NetworkSizes } from './network-sizes.js';
import type { PaperRow, PaperTable } from './paper-table.js';
import { paperTables } from './paper-tables.js';
import { testWeights, viewOf, type WeightsTest } from './test-weights.js';

const architectures: Record<string, Architecture> = {
  'resnet34 B': { name: 'resnet34', classes: 1000, inChannels: 3, shortcut: 'B' },
  resnet50: { name: 'resnet50', classes: 1000, inChannels: 3, shortcut: 'B', strideOn: '1x1' },
  resnet152: { name: 'resnet152', classes: 1000, inChannels: 3, shortcut: 'B', strideOn: '1x1' },
};
const sizes = new Map<PaperRow, NetworkSizes>();
for (const row of paperTables.flatMap(({ rows }) => rows)) {
  const { name, options = {} } = row.network ?? {};
  const architecture = architectures[name === 'resnet34' ? `resnet34 ${options.shortcut}` : `${name}`];
  if (architecture) sizes.set(row, { architecture, numbers: {} as NetworkSizes['numbers'] });
}

const weightsOf = (architecture: Architecture): DescribedWeights => ({
  path: architecture.name,
  open: () => Promise.reject(new Error('It is not opened.')),
  architecture,
  notes: [],
});
const placesOf = (...found: Architecture[]) =>
  matchRows(paperTables, found.map(weightsOf), sizes).map(({ table, row, weights }) => [
    table,
    row.method,
    weights.length,
  ]);

describe('matchRows', () => {
  const resnet34 = architectures['resnet34 B']!;
  const resnet152 = architectures.resnet152!;

  it('finds the rows of an architecture that have errors', () => {
    expect(placesOf(resnet34)).toEqual([
      [3, 'ResNet-34 B', 1],
      [4, 'ResNet-34 B', 1],
    ]);
    expect(placesOf({ ...resnet34, classes: 10 })).toEqual([]);
    expect(placesOf({ ...resnet34, stem: 'small' })).toEqual([]);
    expect(placesOf({ ...resnet34, shortcut: 'A' })).toEqual([]);
  });

  it("takes torchvision's bottlenecks for the paper's, and says so", () => {
    const resnet50 = architectures.resnet50!;
    const strided = weightsOf({ ...resnet50, strideOn: '3x3' });
    const [match, ...others] = matchRows(paperTables, [strided], sizes);
    expect(match).toMatchObject({ table: 3, row: { method: 'ResNet-50' }, weights: [strided] });
    expect(others).toHaveLength(1);
    expect(noteOf(match!, sizes)).toBe(
      "stride on the 3x3 convolutions, as torchvision's; the paper's on the 1x1",
    );
    expect(noteOf({ ...match!, weights: [weightsOf(resnet50)] }, sizes)).toBeUndefined();
  });

  it('finds an ensemble where there are six networks, two of them of 152 layers', () => {
    const four = [resnet34, resnet34, architectures.resnet50!, architectures.resnet50!];
    expect(placesOf(...four, resnet152, resnet152)).toContainEqual([5, "ResNet (ILSVRC'15)", 6]);
    const isFifth = ([table]: (string | number)[]) => table === 5;
    expect(placesOf(...four, resnet34, resnet152).some(isFifth)).toBe(false);
    expect(placesOf(...four, resnet152).some(isFifth)).toBe(false);
    expect(placesOf(...four, resnet34, resnet152, resnet152).some(isFifth)).toBe(false);
  });
});

describe('viewOf', () => {
  it("is the paper's: a single view, ten crops, or five scales", () => {
    const names = [6, 2, 3, 4, 5].map(
      (number) => viewOf(paperTables.find((table) => table.number === number)!.test!).name,
    );
    expect(names).toEqual([
      'single view',
      ...Array(2).fill('10 crops of 224, shorter side 256'),
      ...Array(2).fill('fully convolutional, shorter sides 224, 256, 384, 480, 640, mirrored too'),
    ]);
  });
});

describe('testWeights', () => {
  let backend: Backend;
  let folder: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
    backend = await useBackend('wasm', { threads: 1 });
  });
  afterAll(async () => {
    backend.dispose();
    await remove();
  });

  it('averages the scores of an ensemble, and leaks nothing', async () => {
    const paths: string[] = [];
    const networks = [1, 2].map((seed) => create('resnet18', { seed }));
    for (const [index, network] of networks.entries()) {
      const path = join(folder, `${index}.safetensors`);
      await saveModel(path, { network });
      paths.push(path);
    }
    const row: PaperRow = {
      method: 'two',
      ensemble: { count: 2, including: { resnet18: 2 } },
      published: { top5Error: 50 },
    };
    const table: PaperTable = {
      number: 5,
      title: 'Two networks',
      test: { set: 'ImageNet test', view: '10-crop' },
      columns: ['top5Error'],
      rows: [row],
    };
    const classes = IMAGENET_CLASSES.map(({ id }) => id);
    const set = madeSet({ count: 1, height: 256, width: 256, classes });
    const data = {
      ...{ name: set.name, count: 1, classes, labels: Int32Array.from(set.labels) },
      async read(index: number) {
        const pixels = set.images.slice(index * 256 * 256 * 3, (index + 1) * 256 * 256 * 3);
        return { pixels, height: 256, width: 256, channels: 3 };
      },
    };
    const sources = paths.map((path) => ({ path, open: () => loadModel(path) }));
    const classMap = () => classes.map((_, index) => index);
    const begun: WeightsTest[] = [];
    const onTest = (test: WeightsTest) => begun.push(test);
    const options = { sizes: new Map(), data: () => data, classMap, onTest };
    const before = tf.memory().numTensors;
    const { tests, unused } = await testWeights(sources, [table], options);
    expect(tf.memory().numTensors).toBe(before);
    expect(unused).toEqual([]);
    const found = tests.get(row)!;
    expect(found).toMatchObject([
      { weights: paths, note: 'on the validation set, as the labels of the test set are not published' },
    ]);
    expect(begun).toEqual([{ table: 5, networks: ['resnet18', 'resnet18'], total: 1 }]);
    const view = { normalization: IMAGENET_NORMALIZATION, view: tenCropView() };
    const classifiers = await Promise.all(networks.map((network) => prepare(network)));
    const expected = await evaluate(
      ensemble(classifiers.map((classifier) => ({ classifier, ...view }))),
      data,
    );
    for (const owner of [...networks, ...classifiers]) owner.dispose();
    expect(found[0]!.evaluation).toMatchObject({ count: 1, ranks: expected.ranks });

    const untested = await testWeights(sources.slice(1), [table], options);
    expect(untested.tests.size).toBe(0);
    expect(untested.unused).toMatchObject([{ path: paths[1] }]);
  });
});
