import { defined } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';
import {
  checkClassOrder,
  type Evaluation,
  ensemble,
  evaluate,
  multiScaleView,
  singleView,
  tenCropView,
  type View,
} from '@resnet/eval';
import { type Classifier, type Model, prepare } from '@resnet/zoo';
import type { RowTest } from './compare-row.js';
import {
  type DescribedWeights,
  describeWeights,
  type Match,
  matchRows,
  normalizationOf,
  noteOf,
  type WeightsSource,
} from './match-weights.js';
import type { NetworkSizes } from './network-sizes.js';
import type { PaperRow, PaperTable, PaperTest } from './paper-table.js';

export interface WeightsTestOptions {
  /** The sizes of the tables' networks (`sizesOfRows`). */
  sizes: ReadonlyMap<PaperRow, NetworkSizes>;
  /** The images for a test of the paper, if there are any. */
  data: (set: PaperTest['set']) => ImageSet | Dataset | undefined;
  /** The index of each class of a set among those of the network. */
  classMap: (set: ImageSet | Dataset, model: Model) => readonly number[];
  signal?: AbortSignal;
  /** Called before each test. */
  onTest?: (test: WeightsTest) => void;
  /** Called during a test with the images done; the errors of an ensemble are known only at its end. */
  onProgress?: (progress: { count: number; top1Errors?: number }) => void;
}

/** A test that begins. */
export interface WeightsTest {
  /** The number of the table that it is for. */
  table: number;
  /** Names of the networks: one, or those of an ensemble. */
  networks: readonly string[];
  /** Images. */
  total: number;
}

export interface WeightsTests {
  tests: ReadonlyMap<PaperRow, readonly RowTest[]>;
  /** Weights that no row with errors is about. */
  unused: readonly DescribedWeights[];
  /** All weights. */
  weights: readonly DescribedWeights[];
}

/** The view of a test of the paper. */
export function viewOf({ view }: PaperTest): View {
  switch (view) {
    case 'single view':
      return singleView();
    case '10-crop':
      return tenCropView();
    case 'multi-scale':
      return multiScaleView();
  }
}

/**
 * Tests weights as the rows that are about them were tested, on the data given. A backend must be running.
 *
 * @throws OPTION_INVALID if weights don't tell how images are normalized, or networks of an ensemble have their classes in
 *   different orders; ABORTED; what opening weights and `evaluate` throw
 */
export async function testWeights(
  sources: readonly WeightsSource[],
  tables: readonly PaperTable[],
  options: WeightsTestOptions,
): Promise<WeightsTests> {
  const { sizes, data, signal } = options;
  const weights = await describeWeights(sources, signal);
  const matches = matchRows(tables, weights, sizes);
  // Before hours of work.
  for (const { weights, test } of matches) if (data(test.set)) weights.forEach(normalizationOf);
  const tests = new Map<PaperRow, RowTest[]>();
  const evaluations = new Map<string, Evaluation>();
  for (const match of matches) {
    const { row, test } = match;
    const paths = match.weights.map(({ path }) => path);
    const note = noteOf(match, sizes);
    const found: RowTest = { weights: paths, ...defined({ note }) };
    const images = data(test.set);
    if (images) {
      const key = JSON.stringify([paths, test]);
      const evaluation = evaluations.get(key) ?? (await evaluateMatch(match, images, options));
      evaluations.set(key, evaluation);
      Object.assign(found, { evaluation, view: viewOf(test).name, data: images.name });
    }
    tests.set(row, [...(tests.get(row) ?? []), found]);
  }
  const unused = weights.filter((one) => !matches.some((match) => match.weights.includes(one)));
  return { tests, unused, weights };
}

async function evaluateMatch(
  { weights, table, test }: Match,
  images: ImageSet | Dataset,
  { classMap, signal, onTest, onProgress }: WeightsTestOptions,
): Promise<Evaluation> {
  const networks = weights.map(({ architecture }) => architecture.name);
  const numbers = await classNumbers(weights, (model) => classMap(images, model));
  onTest?.({ table, networks, total: images.count });
  const options = {
    ...defined({ signal }),
    classMap: numbers,
    onProgress: ({ count, top1Errors }: { count: number; top1Errors: number }) =>
      onProgress?.({ count, ...(weights.length === 1 ? { top1Errors } : {}) }),
  };
  const members = weights.map((one) => ({
    classifier: () => openClassifier(one),
    normalization: normalizationOf(one),
    view: viewOf(test),
  }));
  if (members.length > 1) return evaluate(ensemble(members), images, options);
  const { classifier: open, ...member } = members[0]!;
  const classifier = await open();
  return evaluate(classifier, images, { ...member, ...options }).finally(() => classifier.dispose());
}

/** The index of each class of the data, which must be the same in all networks. */
async function classNumbers(
  weights: readonly DescribedWeights[],
  numbersOf: (model: Model) => readonly number[],
): Promise<readonly number[]> {
  const orders: { weights: string; numbers: readonly number[] }[] = [];
  for (const { path, open } of weights) {
    const model = await open();
    try {
      orders.push({ weights: path, numbers: numbersOf(model) });
    } finally {
      model.network.dispose();
    }
  }
  checkClassOrder(orders);
  return orders[0]!.numbers;
}

async function openClassifier({ open }: DescribedWeights): Promise<Classifier> {
  const { network } = await open();
  try {
    return await prepare(network);
  } finally {
    network.dispose();
  }
}
