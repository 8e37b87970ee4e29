import { dirname } from 'node:path';
import { checkInteger, ResnetError } from '@resnet/core';
import { onlyStreamed, type StreamedDataset } from '../sets/dataset.js';
import { findShards } from './find-shards.js';
import { countFor } from './shard-order.js';
import { isAddress } from './shard-streams.js';
import { streamShards } from './stream-shards.js';

export interface TarShardsOptions {
  /**
   * The size of the shuffle buffer, in images; 1,000 by default. They are in memory as they are stored: some 110 kB each for
   * ImageNet.
   */
  bufferSize?: number;
  /**
   * The part to read, where a folder has shards of several parts, such as 'imagenet1k-train-0000.tar' and
   * 'imagenet1k-validation-00.tar': the text before the number, or one word of it ('train').
   */
  part?: string | undefined;
  /** The classes' names; by default those in the index, else numbers. */
  classes?: readonly string[];
  /** Called after each shard that is counted, where there is no index. */
  onProgress?: (counted: number, shards: number) => void;
  signal?: AbortSignal;
}

/**
 * Opens tar shards in WebDataset's form, from a folder or over HTTP, as `resnet data shard` and the webdataset package
 * for Python write them: for each image an image file, and a `.cls` file with the number of its class. They are read from start
 * to end, so that they may be larger than memory and disk. When shuffled, the shards come in a new order every epoch, and their
 * images pass through a shuffle buffer.
 *
 * @param source a folder with .tar files and preferably their `index.json`; or the address of such an index
 * @throws DATA_MISSING if there is no shard, or no index at the address; DATA_INVALID if the index, or a shard that has
 *   to be counted, is damaged; FILE_UNREADABLE, DOWNLOAD_FAILED or DOWNLOAD_FORBIDDEN if it can't be read;
 *   OPTION_INVALID if an option is out of range, or there are several parts and none is chosen; UNKNOWN_NAME if there is no such
 *   part; ABORTED. Streaming throws the same, and DATA_INVALID if a shard has another number of images than the index says, or an
 *   unknown class
 */
export async function tarShards(source: string, options: TarShardsOptions = {}): Promise<StreamedDataset> {
  const { bufferSize = 1000 } = options;
  checkInteger('bufferSize', bufferSize, 1);
  const found = await findShards(source, options);
  const { ignored = [] } = found;
  const classes = options.classes ?? found.classes;
  if (!classes) {
    throw new ResnetError('OPTION_INVALID', `The index of '${source}' names no classes. Give them: classes.`);
  }
  let total = 0;
  const shards = found.shards.map(({ file, count }) => {
    total += count;
    return { file, count, first: total - count };
  });
  const name = isAddress(source) ? dirname(source) : source;
  return {
    name,
    count: total,
    classes,
    ignored,
    countFor: (world) =>
      countFor(
        shards.map(({ count }) => count),
        world,
      ),
    stream: (order, first, signal) =>
      streamShards({ source, shards, classes }, order, { first, bufferSize, signal }),
    async read() {
      throw onlyStreamed(name);
    },
  };
}
