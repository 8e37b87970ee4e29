import { isDeepStrictEqual } from 'node:util';
import { ResnetError, throwIfAborted } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import type { PaperRow, PaperTable, PaperTest } from '@resnet/eval';
import type { Architecture } from '@resnet/zoo';
import { defined } from '../defined.js';
import type { Io } from '../io.js';
import { openWeights } from './open-weights.js';
import type { Sizes } from './paper-sizes.js';

/** A file of weights, or what has one, without them. */
export interface WeightsFile {
  path: string;
  architecture: Architecture;
  normalization?: Normalization;
  /** What was taken off, left out and guessed. */
  notes: readonly string[];
  /** Of a checkpoint with several dicts of tensors, the one that was taken. */
  key?: string;
}

/** Weights that a row is of. */
export interface Match {
  row: PaperRow;
  test: PaperTest;
  table: number;
  /** One, or those of an ensemble. */
  files: readonly WeightsFile[];
}

/** Tells of what networks files are. */
export async function describeWeights(
  paths: readonly string[],
  key: string | undefined,
  io: Io,
): Promise<WeightsFile[]> {
  const files: WeightsFile[] = [];
  for (const path of paths) {
    throwIfAborted(io.signal, 'Reading weights');
    const {
      model: { network, normalization, origin },
    } = await openWeights(path, defined({ key }), io);
    network.dispose();
    const { architecture } = network;
    files.push({ path, architecture, notes: origin.notes, ...defined({ normalization, key }) });
  }
  return files;
}

/** The rows with errors that each file is of, and the ensemble that files make together. */
export function matchRows(
  tables: readonly PaperTable[],
  files: readonly WeightsFile[],
  sizes: ReadonlyMap<PaperRow, Sizes>,
): Match[] {
  return tables.flatMap(({ number, test, rows }) => {
    if (!test) return [];
    return rows.flatMap((row) =>
      filesOf(row, files, sizes.get(row)).map((files) => ({ row, test, table: number, files })),
    );
  });
}

/** The files of each network, or ensemble, that is the row's. */
function filesOf(
  { ensemble }: PaperRow,
  files: readonly WeightsFile[],
  sizes: Sizes | undefined,
): (readonly WeightsFile[])[] {
  if (ensemble) return isEnsemble(ensemble, files) ? [files] : [];
  if (!sizes) return [];
  return files.filter(({ architecture }) => isSame(architecture, sizes.architecture)).map((file) => [file]);
}

/** Whether networks are the same, wherever bottlenecks have their stride. */
function isSame(first: Architecture, second: Architecture): boolean {
  return isDeepStrictEqual({ ...first, strideOn: undefined }, { ...second, strideOn: undefined });
}

/** Whether the residual networks for ImageNet among files are those of the paper's ensemble. */
function isEnsemble(
  { count, including }: NonNullable<PaperRow['ensemble']>,
  files: readonly WeightsFile[],
): boolean {
  const countOf = (name: string) => files.filter(({ architecture }) => architecture.name === name).length;
  return (
    files.length === count &&
    files.every(({ architecture }) => isImageNetResNet(architecture)) &&
    Object.entries(including).every(([name, wanted]) => countOf(name) === wanted)
  );
}

function isImageNetResNet({ name, classes, inChannels, stem, outputStride }: Architecture): boolean {
  const isWhole = stem === undefined && outputStride === undefined;
  return /^resnet(18|34|50|101|152)$/.test(name) && classes === 1000 && inChannels === 3 && isWhole;
}

/** What a test of the files differs in from the paper's of the row. */
export function noteOf({ row, test, files }: Match, sizes: ReadonlyMap<PaperRow, Sizes>): string | undefined {
  if (test.set === 'ImageNet test')
    return 'on the validation set, as the labels of the test set are not published';
  const strideOn = sizes.get(row)?.architecture.strideOn;
  const found = files[0]!.architecture.strideOn;
  return found === strideOn
    ? undefined
    : `stride on the ${found} convolutions, as torchvision's; the paper's on the ${strideOn}`;
}

/** @throws OPTION_INVALID if the file does not say */
export function normalizationOf({ path, normalization }: WeightsFile): Normalization {
  if (normalization) return normalization;
  throw new ResnetError(
    'OPTION_INVALID',
    `${path}: The weights don't tell how images are normalised. Write them with it, as the network was trained: ` +
      `resnet convert ${path} OUT.safetensors --mean a,b,c --std a,b,c.`,
  );
}
