import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet } from './test-support.js';

const parquet = fileURLToPath(new URL('./../../data/fixtures/cifar100-huggingface.parquet', import.meta.url));

let top: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder: top, remove } = await temporaryFolder());
  for (const part of ['train', 'val']) {
    for (const [name, background] of Object.entries({ ant: '#a02020', bee: '#20a020' })) {
      for (let index = 0; index < 4; index++) {
        const path = join(top, 'folder', part, name, `${index}.png`);
        await mkdir(dirname(path), { recursive: true });
        await sharp({ create: { height: 32, width: 32, channels: 3, background } }).toFile(path);
      }
    }
  }
  await mkdir(join(top, 'parquet'));
  for (const part of ['train', 'test'])
    await copyFile(parquet, join(top, 'parquet', `${part}-00000-of-00001.parquet`));
  for (const part of ['train', 'val']) {
    const out = join(top, 'shards', part);
    const written = await runResnet('data', 'shard', join(top, 'folder'), '--part', part, '--out', out);
    expect(written.stderr).toBe('');
  }
});
afterAll(() => remove());

const succeeding = async (...argv: string[]) => {
  const { code, stdout, stderr } = await runResnet(...argv, '--json');
  expect({ code, error: /^error.*/m.exec(stderr)?.[0] }).toEqual({ code: 0, error: undefined });
  return JSON.parse(stdout);
};

describe.each(['folder', 'parquet', 'shards'])('a data set of the format %s', (format) => {
  it('trains and evaluates', async () => {
    const data = ['--dataset', format, '--data', join(top, format), '--threads', '1'];
    const settings = [
      '--recipe',
      'digits',
      '--iterations',
      '2',
      '--batch-size',
      '4',
      '--learning-rate',
      '0.001',
    ];
    const trained = await succeeding(
      ...['train', 'resnet20', ...data, ...settings, '--out', top, '--name', `run-${format}`],
    );
    const weights = join(top, `run-${format}`, 'model.safetensors');
    const page = join(top, `page-${format}`);
    const evaluated = await succeeding('eval', '--weights', weights, ...data, '--report', page);
    expect(evaluated.total).toBe(trained.testCount);
    expect(evaluated.top1Errors).toBe(trained.testErrors);
    expect(existsSync(join(page, 'index.html'))).toBe(true);
    const limited = await succeeding('eval', '--weights', weights, ...data, '--limit', '3');
    expect(limited.total).toBe(3);
  });

  it('is looked at', async () => {
    const part = ['--part', 'train'];
    const { count, classes, broken } = await succeeding('data', 'stats', join(top, format), ...part);
    expect(count).toBe(classes.reduce((sum: number, { count }: { count: number }) => sum + count, 0));
    expect(broken).toEqual([]);
    const out = join(top, `${format}.png`);
    const { images } = await succeeding(
      'data',
      'show',
      join(top, format),
      ...part,
      '--count',
      '3',
      '--out',
      out,
    );
    expect(new Set(images.map(({ index }: { index: number }) => index)).size).toBe(3);
    expect(existsSync(out)).toBe(true);
  });
});

describe('shards', () => {
  it.each([
    ['train', () => ['train', '--dataset', 'shards', '--data', join(top, 'shards'), '--hold-out', '2']],
    ['data shard', () => ['data', 'shard', join(top, 'shards/train'), '--out', join(top, 'again')]],
  ] as const)("make %s say that they can't be read in any order", async (_, argv) => {
    const { code, stderr } = await runResnet(...argv());
    expect(code).toBe(2);
    expect(stderr).toContain('error OPTION_INVALID');
    expect(stderr).toContain('it is streamed from one end to the other');
  });
});
