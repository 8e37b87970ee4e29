import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend/error';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCollector } from './file-collector.js';
import { refusal, someBytes } from './testing.js';
import { writeWholeFile } from './write-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function* pieces(error?: Error) {
  yield Uint8Array.of(1, 2);
  yield Uint8Array.of(3);
  if (error) throw error;
}

describe('writeWholeFile', () => {
  it('writes text, bytes and pieces, and makes the folder', async () => {
    const path = join(folder, 'a', 'b');
    await writeWholeFile(path, 'text');
    expect(await readFile(path, 'utf8')).toBe('text');
    await writeWholeFile(path, Uint8Array.of(9));
    expect([...(await readFile(path))]).toEqual([9]);
    await writeWholeFile(path, pieces());
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
  });

  it('leaves everything as it was where the pieces end with an error, which it passes on if it is ours', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'before');
    const ours = new ResnetError('ABORTED', 'stopped');
    await expect(writeWholeFile(path, pieces(ours))).rejects.toBe(ours);
    const other = new Error('broken');
    await expect(writeWholeFile(path, pieces(other))).rejects.toEqual(
      refusal('FILE_UNWRITABLE', path, 'broken'),
    );
    expect(await readFile(path, 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('openCollector', () => {
  it('gives what it has collected in chunks, with what an earlier one has left', async () => {
    const path = join(folder, 'below', 'file.part');
    const bytes = someBytes(2_500_000);
    const first = await openCollector(path, 'another folder');
    await first.write(bytes.subarray(0, 1000), 0);
    await first.close();
    const second = await openCollector(path, 'another folder');
    expect(second.receivedBytes).toBe(1000);
    await second.write(bytes.subarray(1000), 1000);
    const chunks: Uint8Array[] = [];
    for await (const chunk of second.chunks()) chunks.push(chunk);
    expect(chunks.length).toBe(3);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await second.clear();
    expect(await readdir(join(folder, 'below'))).toEqual([]);
  });

  it('says what else to name where it can not write', async () => {
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'below');
    const collector = await openCollector(path, 'another folder');
    await expect(collector.write(Uint8Array.of(1), 0)).rejects.toEqual(
      refusal('FILE_UNWRITABLE', path, 'Name another folder.'),
    );
  });
});
