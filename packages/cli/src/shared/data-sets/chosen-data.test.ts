import { temporaryFolder } from '@resnet/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runResnet, TextStream } from '../../test-support.js';
import { pathOfData } from './chosen-data.js';
import type { DataSet } from './data-sets.js';

/** A set that comes in two pieces, after a third of it was there. */
const download: DataSet['download'] = async (data, { onProgress }) => {
  for (const receivedBytes of [40e6, 60e6]) {
    onProgress?.({ receivedBytes, totalBytes: 60e6, resumedBytes: 20e6 });
  }
  return `${data}/inside`;
};

const chosen = { dataset: 'cifar10', download: true };

describe('pathOfData', () => {
  it('shows a bar on a terminal', async () => {
    const stderr = new TextStream();
    stderr.isTTY = true;
    const io = { stdout: new TextStream(), stderr };
    expect(await pathOfData({ download }, { ...chosen, data: 'here' }, io)).toBe('here/inside');
    expect(stderr.text).toContain('60/60 MB of cifar10');
    expect(stderr.text).not.toContain('Downloading');
  });

  it('says one line where the stream goes elsewhere', async () => {
    const io = { stdout: new TextStream(), stderr: new TextStream() };
    await pathOfData({ download }, { ...chosen, data: 'here' }, io);
    expect(io.stderr.text).toBe('Downloading cifar10 into here, 60 MB.\n');
    expect(io.stdout.text).toBe('');
  });

  it('says nothing where there is nothing to fetch', async () => {
    const io = { stdout: new TextStream(), stderr: new TextStream() };
    await pathOfData({ download: async () => 'there' }, { ...chosen, data: 'there' }, io);
    expect(io.stderr.text).toBe('');
  });
});

describe('--download', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('ends with the way to do without, where the server has nothing', async () => {
    const { folder, remove } = await temporaryFolder();
    const fetched: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      fetched.push(url);
      return new Response('', { status: 404 });
    });
    const { code, stderr } = await runResnet(
      'train',
      '--dataset',
      'cifar100',
      '--data',
      folder,
      '--download',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('error DATA_MISSING: www.cs.toronto.edu has no cifar-100-binary.tar.gz (404)');
    expect(stderr).toContain(`put it at ${folder}`);
    expect(fetched).toEqual(['https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz']);
    await remove();
  });
});
