import { cifarArchives, cifarFiles } from './cifar.js';
import { images } from './images.js';
import { labels } from './labels.js';
import { objects } from './objects.js';
import { parquet } from './parquet.js';
import { runs } from './runs.js';
import { shards } from './shards.js';
import type { Target } from './target.js';
import { weights } from './weights.js';

/**
 * All parsers of untrusted files. A backend must be in use.
 *
 * @param folder an empty one to work in
 */
export async function makeTargets(folder: string): Promise<Target[]> {
  const makers = [weights, cifarArchives, shards, cifarFiles, parquet, images, labels, objects, runs];
  const targets: Target[] = [];
  for (const make of makers) targets.push(...(await make(folder)));
  return targets;
}
