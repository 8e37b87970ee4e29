import fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StateDict } from '@resnet/blocks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readWeightsFile, writeSafetensorsFile } from './node.js';
import { expected, fixture, global, torchZip } from './weights/testing.js';

const tensors: StateDict = new Map([['fc.bias', { shape: [2], data: Float32Array.of(1, 2) }]]);
const refusal = (code: string, ...parts: string[]) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(
      parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*'),
    ),
  });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-weights-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('readWeightsFile', () => {
  it('reads each format whatever the file is called', async () => {
    for (const [name, format] of [
      ['tensors.safetensors', 'safetensors'],
      ['tensors-zip.pt', 'torch'],
      ['tensors-legacy.pt', 'torch'],
    ] as const) {
      const path = join(folder, 'weights.bin');
      await writeFile(path, fixture(name));
      const weights = await readWeightsFile(path);
      expect(weights.format).toBe(format);
      expect(weights.tensors.get('transposed')).toEqual(expected('tensors').get('transposed'));
    }
  });

  it('reads what timm or transformers say beside a file, and nobody else', async () => {
    const path = join(folder, 'model.safetensors');
    await writeSafetensorsFile(path, tensors);
    const config = async (content: unknown) => {
      await writeFile(
        join(folder, 'config.json'),
        typeof content === 'string' ? content : JSON.stringify(content),
      );
      return (await readWeightsFile(path)).config;
    };
    const timm = { architecture: 'resnet18', num_classes: 2 };
    expect(await config(timm)).toEqual(timm);
    expect(await config({ theme: 'dark' })).toBeUndefined();
    expect(await config('{')).toBeUndefined();
    expect(await config('[]')).toBeUndefined();
    const transformers = { model_type: 'resnet', architectures: [] };
    const processor = { image_mean: [0.5], image_std: [0.25], size: 224, crop_pct: 0.875, resample: 3 };
    await writeFile(
      join(folder, 'preprocessor_config.json'),
      JSON.stringify({ ...processor, do_resize: true }),
    );
    expect(await config(transformers)).toEqual({ ...transformers, ...processor });
    const before = (await readWeightsFile(path)).tensors;
    expect(before).toEqual(tensors);
  });

  it('reads the dict of a checkpoint that is wanted', async () => {
    const path = join(folder, 'two.pt');
    await writeFile(path, fixture('checkpoints/two-dicts.pt'));
    expect((await readWeightsFile(path, { key: 'model' })).tensors).toEqual(expected('network'));
    await expect(readWeightsFile(path)).rejects.toThrow(refusal('WEIGHTS_INVALID', 'two.pt', '--key'));
    await expect(readWeightsFile(path, { key: 'x' })).rejects.toThrow(refusal('UNKNOWN_NAME', 'two.pt'));
    const plain = join(folder, 'plain.safetensors');
    await writeSafetensorsFile(plain, tensors);
    await expect(readWeightsFile(plain, { key: 'x' })).rejects.toThrow(
      refusal('OPTION_INVALID', 'this file is none'),
    );
  });

  it('says which file is not there or is no file', async () => {
    const missing = join(folder, 'missing.pt');
    await expect(readWeightsFile(missing)).rejects.toThrow(
      refusal('FILE_UNREADABLE', missing, 'no such file'),
    );
    await expect(readWeightsFile(folder)).rejects.toThrow(
      refusal('FILE_UNREADABLE', folder, 'it is a folder, no file'),
    );
  });

  it('refuses a file of more than 4 GiB without reading it', async () => {
    const path = join(folder, 'large.safetensors');
    await writeFile(path, '');
    await truncate(path, 2 ** 32 + 1);
    await expect(readWeightsFile(path)).rejects.toThrow(
      refusal('FILE_UNREADABLE', path, 'it has 4294967297 bytes'),
    );
  });

  it('names the file in what is wrong with its content, under the code of the problem', async () => {
    const page = join(folder, 'page.pt');
    await writeFile(page, '<!doctype html>');
    await expect(readWeightsFile(page)).rejects.toThrow(refusal('WEIGHTS_INVALID', page, 'an HTML page'));
    const evil = join(folder, 'evil.pt');
    await writeFile(evil, torchZip(global('os', 'system')));
    await expect(readWeightsFile(evil)).rejects.toThrow(refusal('WEIGHTS_FORBIDDEN', evil, 'os.system'));
  });
});

describe('writeSafetensorsFile', () => {
  it('creates its folder, replaces what was there, and leaves nothing else behind', async () => {
    const path = join(folder, 'a', 'b', 'weights.safetensors');
    await writeSafetensorsFile(path, new Map());
    await writeSafetensorsFile(path, tensors, { epoch: '3' });
    expect(await readWeightsFile(path)).toEqual({ format: 'safetensors', tensors, metadata: { epoch: '3' } });
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['weights.safetensors']);
  });

  it('leaves the old file as it was, and no other, if the tensors are not valid', async () => {
    const path = join(folder, 'weights.safetensors');
    await writeSafetensorsFile(path, tensors);
    const before = await readFile(path);
    const wrong: StateDict = new Map([['a', { shape: [3], data: new Float32Array(2) }]]);
    await expect(writeSafetensorsFile(path, wrong)).rejects.toThrow(refusal('WEIGHTS_INVALID', '"a"'));
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(folder)).toEqual(['weights.safetensors']);
  });

  it('says which file it cannot write, and leaves nothing behind', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const below = join(file, 'weights.safetensors');
    await expect(writeSafetensorsFile(below, tensors)).rejects.toThrow(refusal('FILE_UNWRITABLE', below));
    await expect(writeSafetensorsFile(folder, tensors)).rejects.toThrow(refusal('FILE_UNWRITABLE', folder));
    await expect(writeSafetensorsFile(below, tensors)).rejects.toMatchObject({ cause: { code: 'EEXIST' } });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('writes all of the file where the disk takes it in parts', async () => {
    // On a full disk a write may take a part of what it is given, and fail only the next time.
    const short = vi.spyOn(fs, 'write').mockImplementation(((...args: unknown[]) => {
      (args.at(-1) as (error: null, written: number) => void)(null, 0);
    }) as typeof fs.write);
    const path = join(folder, 'weights.safetensors');
    await writeSafetensorsFile(path, tensors);
    short.mockRestore();
    expect((await readWeightsFile(path)).tensors).toEqual(tensors);
  });
});
