import {
  type Evaluation,
  type EvaluationProgress,
  ensemble,
  evaluate,
  multiScaleView,
  type PaperRow,
  type PaperTable,
  type PaperTest,
  singleView,
  tenCropView,
  type View,
} from '@resnet/eval';
import { type Classifier, prepare } from '@resnet/zoo';
import { defined } from '../defined.js';
import { formatPercent } from '../format.js';
import type { Io } from '../io.js';
import { startBar } from '../progress-bar.js';
import { type ClassMap, checkOneOrder, classMapOf } from './class-map.js';
import type { Images } from './data-sets.js';
import { openWeights } from './open-weights.js';
import type { RowTest } from './paper-comparisons.js';
import type { Sizes } from './paper-sizes.js';
import {
  describeWeights,
  type Match,
  matchRows,
  normalizationOf,
  noteOf,
  type WeightsFile,
} from './paper-weights.js';

/** The images that there are for the paper's tests. */
export type PaperData = (set: PaperTest['set']) => Images | undefined;

export interface WeightsTests {
  tests: ReadonlyMap<PaperRow, readonly RowTest[]>;
  /** Weights that are of no row with errors. */
  unused: readonly WeightsFile[];
  /** All of them. */
  files: readonly WeightsFile[];
}

/** What a test of the paper sees of images. */
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

/** Tests weights in the way of each row that they are of, on the data that there are. */
export async function testWeights(
  { weights: paths, key }: { weights: readonly string[]; key?: string },
  tables: readonly PaperTable[],
  sizes: ReadonlyMap<PaperRow, Sizes>,
  data: PaperData,
  io: Io,
): Promise<WeightsTests> {
  const files = await describeWeights(paths, key, io);
  const matches = matchRows(tables, files, sizes);
  // Before hours of work.
  for (const { files, test } of matches) if (data(test.set)) files.forEach(normalizationOf);
  const tests = new Map<PaperRow, RowTest[]>();
  const evaluations = new Map<string, Evaluation>();
  for (const match of matches) {
    const { row, files, test } = match;
    const weights = files.map(({ path }) => path);
    const found: RowTest = { weights, ...defined({ note: noteOf(match, sizes) }) };
    const images = data(test.set);
    if (images) {
      const key = JSON.stringify([weights, test]);
      const evaluation = evaluations.get(key) ?? (await evaluateMatch(match, images, io));
      evaluations.set(key, evaluation);
      Object.assign(found, { evaluation, view: viewOf(test).name, data: images.name });
    }
    tests.set(row, [...(tests.get(row) ?? []), found]);
  }
  const unused = files.filter((file) => !matches.some((match) => match.files.includes(file)));
  return { tests, unused, files };
}

async function evaluateMatch({ files, table, test }: Match, images: Images, io: Io): Promise<Evaluation> {
  const names = files.map(({ architecture }) => architecture.name).join(', ');
  const classMap = await classNumbers(files, images, io);
  const bar = startBar(io.stderr, images.count);
  const stopBar = () => bar.stop();
  io.signal?.addEventListener('abort', stopBar);
  const options = {
    ...defined({ signal: io.signal }),
    classMap,
    onProgress: ({ count, top1Errors }: EvaluationProgress) => {
      // An ensemble knows its errors at the end.
      const error = files.length === 1 ? `error ${formatPercent(top1Errors / count)}  ` : '';
      bar.update(count, `images  ${error}Table ${table}, ${names}`);
    },
  };
  const members = files.map((file) => ({
    classifier: () => openClassifier(file, io),
    normalization: normalizationOf(file),
    view: viewOf(test),
  }));
  try {
    if (members.length > 1) return await evaluate(ensemble(members), images, options);
    const { classifier: open, ...member } = members[0]!;
    const classifier = await open();
    return await evaluate(classifier, images, { ...member, ...options }).finally(() => classifier.dispose());
  } finally {
    stopBar();
    io.signal?.removeEventListener('abort', stopBar);
  }
}

/** The number that all networks have for each class of the data. */
async function classNumbers(files: readonly WeightsFile[], images: Images, io: Io): Promise<number[]> {
  const maps: { weights: string; classes: ClassMap }[] = [];
  for (const { path: weights, key } of files) {
    const { model } = await openWeights(weights, defined({ key }), io);
    try {
      maps.push({ weights, classes: classMapOf(images, model) });
    } finally {
      model.network.dispose();
    }
  }
  checkOneOrder(maps);
  return maps[0]!.classes.numbers;
}

async function openClassifier({ path, key }: WeightsFile, io: Io): Promise<Classifier> {
  const {
    model: { network },
  } = await openWeights(path, defined({ key }), io);
  try {
    return await prepare(network);
  } finally {
    network.dispose();
  }
}
