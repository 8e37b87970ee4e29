import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ResnetError } from '@resnet/core';
import type { ImageSet } from '@resnet/data';
import { takeLock, writeWholeFile } from '@resnet/files/node';
import { writeShards } from '../../../data/src/shards/write-shards.js';
import { readCheckpoint, writeCheckpoint } from '../../../train/src/checkpoint/checkpoint-store.js';
import type { Checkpoint } from '../../../train/src/fit/training-state.js';
import { MetricsFile } from '../../../train/src/logging/metrics-file.js';
import { checkRunFolder, removeLeftovers, runFiles } from '../../../train/src/run/run-files.js';
import { lockRun } from '../../../train/src/run/run-lock.js';
import type { RunSettings } from '../../../train/src/run/run-settings.js';
import { download } from '../../../zoo/src/hub/download.js';
import * as host from '../../../zoo/src/hub/host.node.js';

// What processes do at once in one folder, without anything that takes long to load. Arguments: what, where, and more.

const tasks: Record<string, (path: string, more: string) => Promise<void>> = {
  /** A run that takes up to eight steps more, with a checkpoint and a report every second one. */
  async run(folder) {
    const files = runFiles(folder);
    await mkdir(folder, { recursive: true });
    const lock = await lockRun(folder);
    await alone(`${folder}-inside`, async () => {
      await checkRunFolder(folder, true);
      await mkdir(files.checkpoints, { recursive: true });
      const resume = await readCheckpoint(files.checkpoints, settings);
      await removeLeftovers(folder);
      const metrics = await MetricsFile.open(files.metrics, resume);
      const first = (resume?.iteration ?? 0) + 1;
      for (let iteration = first; iteration < first + 8; iteration++) {
        await lock.check();
        await metrics.append({ kind: 'train', iteration, error: 0 } as Parameters<typeof metrics.append>[0]);
        if (iteration % 2 === 1) continue;
        await writeCheckpoint(files.checkpoints, checkpoint(iteration), settings);
        await writeWholeFile(files.report, `${iteration}\n`.repeat(10_000));
      }
    });
    await lock.release();
  },

  /** At each line takes a lock, if it can, and holds it until the next line. */
  async lock(path) {
    let lock: Awaited<ReturnType<typeof takeLock>>['lock'];
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === 'release') {
        await lock?.release();
        console.log('released');
        continue;
      }
      // Both begin at the same moment, as far as that is in our hands.
      while (Date.now() < Number(line));
      ({ lock } = await takeLock(path));
      console.log(lock ? 'got it' : 'refused');
    }
  },

  /** A download into a cache. */
  async cache(cacheFolder, more) {
    const { hub, file } = JSON.parse(more);
    const { bytes } = await download(file, { hub, cacheFolder, retry: { delay: 0.01 } }, host);
    if (bytes.length !== file.bytes) throw new Error('It is not whole.');
  },

  /** Sixty images in six shards. */
  async shards(folder) {
    const count = 60;
    const images = Uint8Array.from({ length: count * 12 }, (_, index) => (index * 37) % 256);
    const labels = Uint8Array.from({ length: count }, (_, index) => index % 2);
    const shape = { count, height: 2, width: 2, channels: 3 };
    const set: ImageSet = { name: 'made', images, labels, ...shape, classes: ['a', 'b'] };
    await writeShards(set, folder, { imagesPerShard: 10 });
  },

  /** Results so far, again and again, as of `eval --out`. */
  async output(path, letter) {
    for (let times = 0; times < 10; times++) await writeWholeFile(path, pieces(letter));
  },
};

async function* pieces(letter: string) {
  for (let piece = 0; piece < 20; piece++) yield Buffer.alloc(10_000, letter);
}

/** Does work, and fails if another living process does the same. */
async function alone(folder: string, work: () => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const own = String(process.pid);
  await writeFile(join(folder, own), '');
  // One that was killed is a zombie until its parent asks for it.
  const isAlive = (name: string) => {
    try {
      const status = existsSync('/proc/self') ? readFileSync(`/proc/${name}/stat`, 'utf8') : '';
      return process.kill(Number(name), 0) && !status.includes(') Z ');
    } catch {
      return false;
    }
  };
  const others = (await readdir(folder)).filter((name) => name !== own && isAlive(name));
  if (others.length > 0) throw new Error(`Two processes are inside: ${own} and ${others}.`);
  await work();
  await rm(join(folder, own));
}

const settings: RunSettings = {
  ...{ architecture: {}, recipe: { averaging: null, reestimateImages: 0 } as RunSettings['recipe'] },
  ...{ train: { name: 'made', count: 1, classes: [] }, normalization: { mean: [], std: [] } },
};

/** One whose every number is its iteration. */
function checkpoint(iteration: number): Checkpoint {
  const state = () => new Map([['w', { shape: [20_000], data: new Float32Array(20_000).fill(iteration) }]]);
  const window = {
    steps: 0,
    images: 0,
    errors: 0,
    loss: iteration,
    data: 0,
    forward: 0,
    backward: 0,
    update: 0,
  };
  return {
    ...{ iteration, schedule: {} as Checkpoint['schedule'], learningRate: 0.1 },
    ...{ best: null, testsSinceBest: 0, testDue: false, window, network: state(), optimizer: state() },
  };
}

const [task, path, more = ''] = process.argv.slice(2);
// Two containers have processes of one number.
if (process.env.RESNET_PID) Object.defineProperty(process, 'pid', { value: Number(process.env.RESNET_PID) });
console.log('ready');
tasks[task!]!(path!, more).then(
  () => console.log('done'),
  (error) => {
    console.log(ResnetError.is(error) ? error.code : 'FAILED');
    console.error(error);
    process.exitCode = 1;
  },
);
