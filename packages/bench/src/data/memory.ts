import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Dataset,
  type IndexedDataset,
  type Loader,
  loader,
  torchvisionAugmentation,
} from '@resnet/data';
import { imageFolder, tarShards, writeShards } from '@resnet/data/node';
import { machine } from '../measuring/table.js';

const EPOCHS = 10;
const SHARD_SET_BYTES = 1e9;
const options = { batchSize: 32, shuffle: true, workers: 2, transform: torchvisionAugmentation() };

/**
 * The most memory that reading training crops takes, over ten epochs of a folder and over one of a gigabyte of tar
 * shards made of it.
 */
export async function benchmarkDataMemory(folder: string): Promise<void> {
  console.log(`${machine()}\n\nPeak memory of the process, ${options.workers} workers.\n`);
  const set = await imageFolder(folder);
  const shards = await mkdtemp(join(tmpdir(), 'resnet-shards-'));
  try {
    console.log(`| ${set.count} image files | images/s | MB |\n|---|---|---|`);
    const files = loader(set, options);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      for await (const row of rows(files, epoch, 1)) console.log(`| epoch ${epoch + 1} ${row}`);
    }
    files.close();

    const bytes = await meanBytes(set);
    const repeated = repeatedly(set, Math.ceil(SHARD_SET_BYTES / bytes));
    await writeShards(repeated, shards, {
      onProgress: (written, images) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${written} of ${images} images into shards`);
      },
    });
    if (process.stderr.isTTY) process.stderr.write('\n');
    const gigabytes = ((bytes * repeated.count) / 1e9).toFixed(2);
    console.log(`\n| ${repeated.count} images in shards, ${gigabytes} GB | images/s | MB |\n|---|---|---|`);
    const streamed = loader(await tarShards(shards), options);
    let tenth = 0;
    for await (const row of rows(streamed, 0, 10)) console.log(`| ${++tenth} of 10 ${row}`);
    streamed.close();
  } finally {
    await rm(shards, { recursive: true, force: true });
  }
}

/** Reads an epoch, and gives the speed and the most memory of each of a number of parts. */
async function* rows(batches: Loader, epoch: number, parts: number): AsyncGenerator<string> {
  const batchesPerPart = Math.ceil(batches.batchesPerEpoch / parts);
  let [count, batch, most] = [0, 0, 0];
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const watch = setInterval(look, 20);
  let started = performance.now();
  try {
    for await (const { count: images } of batches.epoch(epoch)) {
      count += images;
      batch++;
      look();
      if (batch % batchesPerPart !== 0 && batch !== batches.batchesPerEpoch) continue;
      yield `| ${Math.round((1000 * count) / (performance.now() - started))} | ${Math.round(most / 1e6)} |`;
      [count, most, started] = [0, 0, performance.now()];
    }
  } finally {
    clearInterval(watch);
  }
}

async function meanBytes(set: Dataset): Promise<number> {
  let sum = 0;
  for (let index = 0; index < set.count; index++)
    sum += (await stat((await set.encoded!(index)) as string)).size;
  return sum / set.count;
}

/** This many images, the set's repeated. */
function repeatedly(set: IndexedDataset, count: number): Dataset {
  const { name, classes } = set;
  return {
    name,
    classes,
    count,
    labels: Int32Array.from({ length: count }, (_, index) => set.labels[index % set.count]!),
    read: (index) => set.read(index % set.count),
    encoded: (index) => set.encoded!(index % set.count),
  };
}
