import { ResnetError } from '@resnet/core';

/** The contents of `index.json` in a folder of shards: WebDataset's index, and the classes. */
export interface ShardIndex {
  /** The shards in order: the file name and the number of images of each. */
  shards: { file: string; count: number }[];
  /** The classes' names, if it has them. */
  classes: string[] | undefined;
}

/** More than any data set has, but few enough that no file can fill memory. */
const MOST_SHARDS = 200_000;
const MOST_IMAGES = 2 ** 31;

export function formatIndex({ shards, classes }: ShardIndex): string {
  const index = {
    __kind__: 'wids-shard-index-v1',
    wids_version: 1,
    shardlist: shards.map(({ file, count }) => ({ url: file, nsamples: count })),
    classes,
  };
  return `${JSON.stringify(index, null, 1)}\n`;
}

/**
 * @param source the file's name, for messages
 * @throws DATA_INVALID if it is no index, or names a file outside its folder
 */
export function parseIndex(text: string, source: string): ShardIndex {
  const invalid = (found: string) =>
    new ResnetError(
      'DATA_INVALID',
      `'${source}' must be an index of tar shards as \`resnet data shard\` and WebDataset write it, found ${found}. ` +
        'Remove it to have the shards counted, or make them again.',
    );
  let index: { shardlist?: unknown; classes?: unknown } | null;
  try {
    index = JSON.parse(text);
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
  const { shardlist, classes } = index ?? {};
  if (!Array.isArray(shardlist) || shardlist.length === 0 || shardlist.length > MOST_SHARDS) {
    throw invalid("no list 'shardlist' of shards");
  }
  let total = 0;
  const shards = shardlist.map((shard: { url?: unknown; nsamples?: unknown } | null, position) => {
    const { url, nsamples } = shard ?? {};
    if (typeof url !== 'string' || !/^[^/\\:?#]+\.tar$/.test(url) || url.startsWith('.')) {
      throw invalid(`no file name of a .tar beside it in shard ${position}`);
    }
    if (!Number.isInteger(nsamples) || (nsamples as number) < 0) {
      throw invalid(`no number 'nsamples' of images in shard ${position}`);
    }
    total += nsamples as number;
    return { file: url, count: nsamples as number };
  });
  if (total === 0 || total > MOST_IMAGES) throw invalid(`${total} images`);
  if (classes === undefined) return { shards, classes };
  if (!Array.isArray(classes) || !classes.every((name) => typeof name === 'string')) {
    throw invalid("'classes' that are not all names");
  }
  return { shards, classes };
}
