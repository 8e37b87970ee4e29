import { readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { DownloadProgress } from '@resnet/files';
import { cut, refusal, sha256, someBytes, startServer, status, whole } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { bytes, file, folder, get, hub, part, ranges, stored, useHub } from '../testing/downloads.js';
import { download } from './download.js';
import * as host from './host.node.js';
import { storedName } from './repository-file.js';

useHub();

describe('download', () => {
  it('fetches a file at its commit, keeps it, and does not ask again', async () => {
    hub.answers = [whole(bytes)];
    const progress: DownloadProgress[] = [];
    const first = await get({ onProgress: (report) => progress.push(report) });
    expect(first).toEqual({ file, bytes, path: stored(), fromCache: false });
    expect(hub.requests.map(({ url }) => url)).toEqual([
      `/owner/model/resolve/${file.commit}/model.safetensors`,
    ]);
    expect(await readdir(folder)).toEqual([storedName(file)]);
    expect(progress.at(-1)).toEqual({
      receivedBytes: bytes.length,
      totalBytes: bytes.length,
      resumedBytes: 0,
    });
    const counts = progress.map(({ receivedBytes }) => receivedBytes);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));

    await hub.close();
    expect(await get()).toEqual({ ...first, fromCache: true });
    expect(hub.requests).toHaveLength(1);
  });

  it('takes a file that a person has put into the folder', async () => {
    await writeFile(stored(), bytes);
    expect((await get()).fromCache).toBe(true);
    expect(hub.requests).toEqual([]);
  });

  it('keeps nothing and uses nothing that was kept without a cache', async () => {
    await writeFile(stored(), bytes);
    hub.answers = [whole(bytes)];
    const found = await get({ cache: false });
    expect(found).toEqual({ file, bytes, fromCache: false });
    expect(await readdir(folder)).toEqual([storedName(file)]);
  });

  it('follows the hub to its storage, and takes the token to the hub alone', async () => {
    const storage = await startServer();
    storage.answers = [cut(bytes, 70_000), whole(bytes)];
    hub.answers = [status(302, { Location: `${storage.url}/blob` })];
    expect(sha256((await get({ token: ' hf_secret\n' })).bytes)).toBe(file.sha256);
    expect(hub.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ]);
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(storage.requests[1]!.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(storage.requests[0]!.headers['accept-encoding']).toBe('identity');
    await storage.close();
  });

  it('reads address and token from the environment', async () => {
    process.env.HF_ENDPOINT = `${hub.url}/mirror/`;
    process.env.HF_TOKEN = 'hf_env';
    try {
      hub.answers = [whole(bytes)];
      await download(file, { cacheFolder: folder }, host);
    } finally {
      delete process.env.HF_ENDPOINT;
      delete process.env.HF_TOKEN;
    }
    expect(hub.requests[0]!.url).toMatch('/mirror/owner/model/resolve/');
    expect(hub.requests[0]!.headers.authorization).toBe('Bearer hf_env');
  });
});

describe('wrong bytes', () => {
  it('are not kept', async () => {
    hub.answers = [whole(someBytes(bytes.length, 7))];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_CORRUPT', 'model.safetensors', file.sha256));
    expect(await readdir(folder)).toEqual([]);
  });

  it('are refused as soon as the hub tells their number', async () => {
    hub.answers = [status(200, { 'Content-Length': '200001' }, someBytes(200_001))];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_CORRUPT', 'expected 200000 bytes, found 200001'));
    expect(hub.requests).toHaveLength(1);

    await writeFile(part(), bytes.subarray(0, 10));
    hub.answers = [status(206, { 'Content-Range': 'bytes 10-99/100' }, someBytes(90))];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_CORRUPT', 'found 100'));
    expect(await readFile(part())).toHaveLength(10);
  });

  it('are not read beyond the number expected', async () => {
    let isOpen = true;
    hub.answers = [
      async (_, response) => {
        response.on('close', () => {
          isOpen = false;
        });
        for (let sent = 0; isOpen && sent < 1000; sent++) {
          response.write(someBytes(50_000));
          await setTimeout(1);
        }
      },
    ];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_CORRUPT', 'more than the 200000 bytes'));
    await expect.poll(() => isOpen).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it('in the cache are fetched again', async () => {
    await writeFile(stored(), someBytes(bytes.length, 7));
    hub.answers = [whole(bytes)];
    expect((await get()).fromCache).toBe(false);
    await writeFile(stored(), 'short');
    expect((await get()).fromCache).toBe(false);
    expect((await get()).fromCache).toBe(true);
  });

  it('of a network’s login page are not taken for a part of the file', async () => {
    await writeFile(part(), bytes.subarray(0, 70_000));
    hub.answers = [status(200, { 'Content-Type': 'text/html; charset=utf-8' }, '<html>'), whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(ranges()).toEqual(['bytes=70000-', 'bytes=70000-']);
  });
});

describe('stopping', () => {
  it('ends a slow download, and keeps what has come', async () => {
    hub.answers = [
      (_, response) => response.writeHead(200, { 'Content-Length': '200000' }).write(bytes.subarray(0, 1000)),
    ];
    const controller = new AbortController();
    const stopped = get({ signal: controller.signal, onProgress: () => controller.abort('enough') });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(await readFile(part())).toEqual(Buffer.from(bytes.subarray(0, 1000)));
  });

  it('does not wait for the next try', async () => {
    hub.answers = [status(503)];
    const signal = AbortSignal.timeout(50);
    await expect(get({ signal, retry: { delay: 60 } })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('before the start asks for nothing', async () => {
    await expect(get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(hub.requests).toEqual([]);
  });

  it('by an error of the listener is not taken for a bad connection', async () => {
    hub.answers = [whole(bytes)];
    const onProgress = () => {
      throw new Error('mine');
    };
    await expect(get({ onProgress })).rejects.toThrow('mine');
    expect(hub.requests).toHaveLength(1);
  });
});
