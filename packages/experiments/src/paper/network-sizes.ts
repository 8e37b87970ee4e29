import { type Architecture, create, type Summary, summarize } from '@resnet/zoo';
import type { PaperNumbers, PaperRow, PaperTable } from './paper-table.js';

/** The numbers of a network that follow from its architecture. */
export interface NetworkSizes {
  architecture: Architecture;
  numbers: Required<Pick<PaperNumbers, 'layers' | 'outputSizes' | 'blocks' | 'parameters' | 'multiplyAdds'>>;
}

/**
 * Sizes of the networks that are rows of tables. Each is built once, as together they take seconds. Nothing is computed, but a
 * backend must be running, as weights live on it.
 */
export function sizesOfRows(tables: readonly PaperTable[]): ReadonlyMap<PaperRow, NetworkSizes> {
  const known = new Map<string, NetworkSizes>();
  const sizes = new Map<PaperRow, NetworkSizes>();
  for (const row of tables.flatMap(({ rows }) => rows)) {
    if (!row.network) continue;
    const key = JSON.stringify(row.network);
    const found = known.get(key) ?? measure(row.network);
    known.set(key, found);
    sizes.set(row, found);
  }
  return sizes;
}

function measure({ name, options }: NonNullable<PaperRow['network']>): NetworkSizes {
  const network = create(name, { ...options, initialize: false });
  try {
    const summary = summarize(network);
    const { depth: layers, parameters, multiplyAdds } = summary;
    const numbers = { layers, ...mapsOf(summary), parameters, multiplyAdds };
    return { architecture: network.architecture, numbers };
  } finally {
    network.dispose();
  }
}

/** Table 1's sizes of maps, after the stem, each stage and the average pooling, and blocks of each stage. */
function mapsOf({ layers }: Summary): Pick<NetworkSizes['numbers'], 'outputSizes' | 'blocks'> {
  const stages = new Map<string, { size: number; blocks: Set<string> }>();
  for (const { name, outputShape } of layers) {
    const [block, stage] = /^(layer\d+)\.\d+/.exec(name) ?? [];
    if (block === undefined || stage === undefined) continue;
    const { blocks = new Set<string>() } = stages.get(stage) ?? {};
    stages.set(stage, { size: outputShape[0]!, blocks: blocks.add(block) });
  }
  // Shapes without height and width are of features, one for each channel.
  const sizesOf = (found: Summary['layers']) =>
    found.map(({ outputShape }) => (outputShape.length === 1 ? 1 : outputShape[0]!));
  return {
    outputSizes: [
      ...sizesOf(layers.filter(({ name }) => name === 'conv1')),
      ...[...stages.values()].map(({ size }) => size),
      ...sizesOf(layers.filter(({ kind }) => kind === 'average pool')),
    ],
    blocks: [...stages.values()].map(({ blocks }) => blocks.size),
  };
}
