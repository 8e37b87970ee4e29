import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.js';
import { saveBareWeights, TextStream } from './test-support.js';

const program = join(import.meta.dirname, '..', 'bin', 'resnet.js');
const present = existsSync(join(import.meta.dirname, '..', 'dist', 'main.js'));
const reason = present ? '' : ' (skipped: needs the build, dist/main.js)';

let folder: string;
let remove: () => Promise<void>;
let weights: string;
let photos: string;
let metrics: string;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  weights = await saveBareWeights(folder);
  photos = join(folder, 'photos');
  for (const name of ['a', 'b']) {
    await mkdir(join(photos, name), { recursive: true });
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });
    await image.toFile(join(photos, name, '1.png'));
  }
  metrics = join(folder, 'run');
  await mkdir(metrics);
  const record = { kind: 'test', iteration: 1, loss: 1, error: 0.5, count: 2 };
  await writeFile(join(metrics, 'metrics.jsonl'), `${JSON.stringify(record)}\n`);
});
afterAll(() => remove());

/** Commands that finish what they do within seconds; each writes into `out`, if it writes. */
const commands: Record<string, (out: string) => string[]> = {
  convert: (out) => ['convert', weights, join(out, 'a.onnx')],
  'convert --float16': (out) => ['convert', weights, join(out, 'a.safetensors'), '--float16'],
  plot: (out) => ['plot', metrics, '--out', join(out, 'curves.svg')],
  doctor: () => ['doctor'],
  summary: () => ['summary', 'resnet152'],
  paper: () => ['paper', '--table', '6'],
  'data stats': () => ['data', 'stats', photos],
  'data show': (out) => ['data', 'show', photos, '--out', join(out, 'sheet.png')],
  'data shard': (out) => ['data', 'shard', photos, '--out', join(out, 'shards')],
  predict: () => {
    const options = ['--weights', weights, '--mean', '0.5', '--std', '1', '--backend', 'cpu'];
    return ['predict', join(photos, 'a', '1.png'), ...options];
  },
};

describe('a command that is interrupted', () => {
  it.each(Object.keys(commands))('ends with 130, within a second, and leaves nothing: %s', async (name) => {
    const out = join(folder, name);
    await mkdir(out);
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    const code = await run(commands[name]!(out), { stdout, stderr, signal: AbortSignal.abort() });
    expect(code).toBe(130);
    expect(stderr.text).toMatch(/^error ABORTED: /m);
    expect(await readdir(out)).toEqual([]);
  });

  it('is not waited for, if it does not hear of it', async () => {
    const stop = new AbortController();
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    const started = performance.now();
    const ended = run(['doctor'], { stdout, stderr, signal: stop.signal });
    stop.abort();
    expect(await ended).toBe(130);
    expect(stdout.text).toBe('');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.skipIf(!present)(`ends its process${reason}`, async () => {
    const child = spawn(process.execPath, [program, 'doctor']);
    let isInterrupted = false;
    const ended = new Promise((resolve) => child.on('close', resolve));
    const interval = setInterval(() => {
      // Before Node listens to it, a signal ends the process in another way.
      if (!isInterrupted) child.kill('SIGINT');
    }, 1500);
    child.stderr.on('data', () => {
      isInterrupted = true;
    });
    expect(await ended).toBe(130);
    clearInterval(interval);
  });
});
