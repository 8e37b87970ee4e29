import { defined, describeDifferences, ResnetError, settingTexts, throwIfAborted } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import type { Architecture, Model } from '@resnet/zoo';
import type { NetworkSizes } from './network-sizes.js';
import type { PaperRow, PaperTable, PaperTest } from './paper-table.js';

/** Weights that can be opened, more than once; each model is disposed before the next is opened. */
export interface WeightsSource {
  /** Their name in results. */
  path: string;
  open(): Promise<Model>;
}

/** Weights with what is known of them before a test. */
export interface DescribedWeights extends WeightsSource {
  architecture: Architecture;
  normalization?: Normalization;
  /** What was taken off, left out and guessed. */
  notes: readonly string[];
}

/** A row, and the weights that it is about. */
export interface Match {
  row: PaperRow;
  test: PaperTest;
  table: number;
  /** One, or those of an ensemble. */
  weights: readonly DescribedWeights[];
}

/** Finds out which networks weights are of. @throws ABORTED; what opening throws */
export async function describeWeights(
  sources: readonly WeightsSource[],
  signal: AbortSignal | undefined,
): Promise<DescribedWeights[]> {
  const described: DescribedWeights[] = [];
  for (const source of sources) {
    throwIfAborted(signal, 'Reading weights');
    const { network, normalization, origin } = await source.open();
    network.dispose();
    const { architecture } = network;
    described.push({ ...source, architecture, notes: origin.notes, ...defined({ normalization }) });
  }
  return described;
}

/** The rows with errors that are about the weights, each by itself or all as an ensemble. */
export function matchRows(
  tables: readonly PaperTable[],
  weights: readonly DescribedWeights[],
  sizes: ReadonlyMap<PaperRow, NetworkSizes>,
): Match[] {
  return tables.flatMap(({ number, test, rows }) => {
    if (!test) return [];
    return rows.flatMap((row) =>
      weightsOf(row, weights, sizes.get(row)).map((weights) => ({ row, test, table: number, weights })),
    );
  });
}

/** The weights of the row's network, or its ensemble. */
function weightsOf(
  { ensemble }: PaperRow,
  weights: readonly DescribedWeights[],
  sizes: NetworkSizes | undefined,
): (readonly DescribedWeights[])[] {
  if (ensemble) return isEnsemble(ensemble, weights) ? [weights] : [];
  if (!sizes) return [];
  return weights.filter(({ architecture }) => isSame(architecture, sizes.architecture)).map((one) => [one]);
}

/** Whether networks are the same, apart from which convolution of a bottleneck has the stride. */
function isSame(first: Architecture, second: Architecture): boolean {
  const textsOf = (architecture: Architecture) => settingTexts({ ...architecture, strideOn: undefined });
  return describeDifferences(textsOf(first), textsOf(second)).length === 0;
}

/** Whether the weights are of residual networks for ImageNet as in the paper's ensemble. */
function isEnsemble(
  { count, including }: NonNullable<PaperRow['ensemble']>,
  weights: readonly DescribedWeights[],
): boolean {
  const countOf = (name: string) => weights.filter(({ architecture }) => architecture.name === name).length;
  return (
    weights.length === count &&
    weights.every(({ architecture }) => isImageNetResNet(architecture)) &&
    Object.entries(including).every(([name, wanted]) => countOf(name) === wanted)
  );
}

function isImageNetResNet({ name, classes, inChannels, stem, outputStride }: Architecture): boolean {
  const isWhole = stem === undefined && outputStride === undefined;
  return /^resnet(18|34|50|101|152)$/.test(name) && classes === 1000 && inChannels === 3 && isWhole;
}

/** How a test of the weights differs from the paper's test of the row. */
export function noteOf(
  { row, test, weights }: Match,
  sizes: ReadonlyMap<PaperRow, NetworkSizes>,
): string | undefined {
  if (test.set === 'ImageNet test')
    return 'on the validation set, as the labels of the test set are not published';
  const strideOn = sizes.get(row)?.architecture.strideOn;
  const found = weights[0]!.architecture.strideOn;
  return found === strideOn
    ? undefined
    : `stride on the ${found} convolutions, as torchvision's; the paper's on the ${strideOn}`;
}

/** @throws OPTION_INVALID if the weights do not say */
export function normalizationOf({ path, normalization }: DescribedWeights): Normalization {
  if (normalization) return normalization;
  throw new ResnetError(
    'OPTION_INVALID',
    `${path}: The weights don't tell how images are normalized. Write them with it, as the network was trained: ` +
      `resnet convert ${path} OUT.safetensors --mean a,b,c --std a,b,c.`,
  );
}
