import { readdir } from 'node:fs/promises';
import { defined, formatCount } from '@resnet/core';
import { writeShards } from '@resnet/data/node';
import type { Context } from '../context.js';
import { leftOutOf, leftOutRow } from '../shared/data-sets/left-out-files.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { openSource, type SourceOptions } from './open-data-set.js';

export interface ShardOptions extends SourceOptions {
  out: string;
  imagesPerShard: number;
  seed: number;
  json?: boolean;
}

/** Writes a data set as tar shards. */
export async function dataShard(source: string, options: ShardOptions, context: Context): Promise<void> {
  const { io } = context;
  // It removes what is half written.
  context.whenStopped = 'wait';
  const { out, imagesPerShard, seed, json } = options;
  const set = await openSource(source, options);
  await withImageBar(json ? io.stderr : io.stdout, set.count, io, (onProgress) =>
    writeShards(set, out, { imagesPerShard, seed, onProgress, ...defined({ signal: io.signal }) }),
  );
  const shards = (await readdir(out)).filter((name) => name.endsWith('.tar')).length;
  if (json) {
    const [count, classes] = [set.count, set.classes.length];
    printJson(io.stdout, { source, folder: out, shards, count, classes, leftOut: leftOutOf(set) });
    return;
  }
  printRows(io.stdout, [
    ['source', source],
    ['images', `${formatCount(set.count)} of ${formatCount(set.classes.length)} classes`],
    leftOutRow([set]),
    ['written', `${out}: ${formatCount(shards)} shards and index.json`],
  ]);
}
