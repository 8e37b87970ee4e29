import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DownloadProgress } from '@resnet/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cut,
  type FakeHub,
  fileOf,
  impatient,
  refusal,
  sha256,
  someBytes,
  startHub,
  status,
  whole,
} from '../testing/hub-server.js';
import { type DownloadOptions, download } from './download.js';
import * as host from './host.node.js';
import { type RepositoryFile, storedName } from './repository-file.js';

const bytes = someBytes(200_000);
const file = fileOf(bytes);

let folder: string;
let hub: FakeHub;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-hub-'));
  hub = await startHub();
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true });
});

const get = (options: DownloadOptions = {}, wanted: RepositoryFile = file) =>
  download(wanted, { hub: hub.url, cacheFolder: folder, retry: impatient, ...options }, host);
const stored = () => join(folder, storedName(file));
const part = () => `${stored()}.part`;
const ranges = () => hub.requests.map(({ headers }) => headers.range);

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
    const storage = await startHub();
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

describe('a connection that is cut', () => {
  it('goes on where it was', async () => {
    hub.answers = [cut(bytes, 70_000), whole(bytes)];
    const progress: DownloadProgress[] = [];
    const found = await get({ onProgress: (report) => progress.push(report) });
    expect(sha256(found.bytes)).toBe(file.sha256);
    expect(ranges()).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(progress.at(-1)).toMatchObject({ receivedBytes: bytes.length, resumedBytes: 0 });
  });

  it('may be cut as often as it likes, as long as bytes come', async () => {
    hub.answers = [cut(bytes, 20_000)];
    expect(sha256((await get({ retry: { ...impatient, tries: 2 } })).bytes)).toBe(file.sha256);
    expect(hub.requests.length).toBeGreaterThanOrEqual(10);
  });

  it('ends after five tries in which nothing comes', async () => {
    hub.answers = [cut(bytes, 0)];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED'));
    expect(hub.requests).toHaveLength(5);
  });

  it('does not run for ever against a hub that always begins anew', async () => {
    const begin = cut(bytes, 50_000);
    hub.answers = [
      (request, response) => {
        delete request.headers.range;
        return begin(request, response);
      },
    ];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED'));
    expect(hub.requests.length).toBeLessThan(12);
  });

  it('goes on in a later call', async () => {
    hub.answers = [cut(bytes, 70_000)];
    await expect(get({ retry: { tries: 1 } })).rejects.toEqual(refusal('DOWNLOAD_FAILED'));
    const left = await readFile(part());
    expect(left.length).toBeGreaterThan(0);
    expect(left.equals(bytes.subarray(0, left.length))).toBe(true);

    hub.answers = [whole(bytes)];
    const progress: DownloadProgress[] = [];
    expect(sha256((await get({ onProgress: (report) => progress.push(report) })).bytes)).toBe(file.sha256);
    expect(ranges().at(-1)).toBe(`bytes=${left.length}-`);
    expect(progress.at(-1)!.resumedBytes).toBe(left.length);
    expect(await readdir(folder)).toEqual([storedName(file)]);
  });

  it('needs no network where all bytes had come', async () => {
    await writeFile(part(), bytes);
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(hub.requests).toEqual([]);
    expect(await readdir(folder)).toEqual([storedName(file)]);
  });

  it('begins anew where what had come is damaged', async () => {
    const damaged = bytes.slice(0, 70_000);
    damaged[5]! ^= 1;
    await writeFile(part(), damaged);
    hub.answers = [whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(ranges()).toEqual(['bytes=70000-', undefined]);

    await rm(stored());
    await writeFile(part(), someBytes(300_000));
    expect(sha256((await get()).bytes)).toBe(file.sha256);
  });

  it.each<[string, ReturnType<typeof status>]>([
    ['200', status(200, { 'Content-Length': '200000' }, bytes)],
    ['no compression that hides the size', status(200, {}, bytes)],
  ])('takes the whole file, where the hub sends it: %s', async (_, answer) => {
    await writeFile(part(), someBytes(50_000, 2));
    hub.answers = [answer];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(hub.requests).toHaveLength(1);
  });

  it.each<[string, ReturnType<typeof status>]>([
    ['416', status(416)],
    ['another part', status(206, { 'Content-Range': 'bytes 60000-199999/200000' }, bytes.subarray(60_000))],
    ['no part', status(206, { 'Content-Range': 'lines 1-2/3' }, bytes)],
  ])('begins anew, where the hub answers with %s', async (_, answer) => {
    await writeFile(part(), bytes.subarray(0, 70_000));
    hub.answers = [answer, whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(ranges()).toEqual(['bytes=70000-', undefined]);
  });

  it('trusts the checksum where a browser hides the part', async () => {
    await writeFile(part(), bytes.subarray(0, 70_000));
    hub.answers = [status(206, {}, bytes.subarray(70_000))];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
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

describe('a hub that says no', () => {
  it.each([
    [401, undefined, 'DOWNLOAD_FORBIDDEN', 'HF_TOKEN'],
    [403, undefined, 'DOWNLOAD_FORBIDDEN', 'HF_TOKEN'],
    [401, 'hf_secret', 'DOWNLOAD_FORBIDDEN', 'terms'],
    [404, undefined, 'WEIGHTS_MISSING', '/resolve/'],
    [418, undefined, 'DOWNLOAD_FAILED', '418'],
  ])('with %i is asked once (token: %s)', async (code, token, expected, part) => {
    hub.answers = [status(code)];
    const error = await get(token === undefined ? {} : { token }).catch((error: unknown) => error);
    expect(error).toEqual(refusal(expected, part, 'model.safetensors of owner/model', String(code)));
    expect(String(error)).not.toContain('secret');
    expect(hub.requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('for now is asked again', async () => {
    hub.answers = [status(503), status(408), status(500), whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(hub.requests).toHaveLength(4);
  });

  it.each([
    ['seconds', '1'],
    ['a date', new Date(Date.now() + 3_600_000).toUTCString()],
  ])('says in %s when, within limits', async (_, when) => {
    hub.answers = [status(429, { 'Retry-After': when }), whole(bytes)];
    const start = performance.now();
    await get({ retry: { delay: 0.001, maximumDelay: 0.2 } });
    const seconds = (performance.now() - start) / 1000;
    expect(seconds).toBeGreaterThan(0.19);
    expect(seconds).toBeLessThan(0.9);
  });

  it('may say nonsense about when', async () => {
    hub.answers = [status(429, { 'Retry-After': 'soon' }), whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
  });

  it('for good is left alone after five times', async () => {
    hub.answers = [status(503)];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'answered 503'));
    expect(hub.requests).toHaveLength(5);
  });
});

describe('without a network', () => {
  it('says what to fetch from where, and where to put it', async () => {
    await hub.close();
    const address = `${hub.url}/owner/model/resolve/${file.commit}/model.safetensors`;
    await expect(get()).rejects.toEqual(
      refusal('DOWNLOAD_FAILED', 'ECONNREFUSED', address, '0.2 MB', file.sha256, stored()),
    );
    await expect(get({ cache: false })).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'readWeights'));
    await writeFile(stored(), 'what somebody else has put there');
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'is another one'));
    expect(await readdir(folder)).toEqual([storedName(file)]);
  });

  it('gives up a connection that is silent', async () => {
    hub.answers = [
      (_, response) => response.writeHead(200).write(bytes.subarray(0, 1)),
      () => {},
      whole(bytes),
    ];
    const found = await get({ retry: { ...impatient, maximumSilence: 0.05 } });
    expect(sha256(found.bytes)).toBe(file.sha256);
    expect(hub.requests).toHaveLength(3);
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

describe('the folder', () => {
  it('serves downloads of the same file at once', async () => {
    hub.answers = [cut(bytes, 30_000)];
    const found = await Promise.all(
      [0, 10, 20, 30, 40].map(async (delay) => {
        await setTimeout(delay);
        return get();
      }),
    );
    for (const { bytes: each } of found) expect(sha256(each)).toBe(file.sha256);
    expect(await readdir(folder)).toEqual([storedName(file)]);
    expect(sha256(await readFile(stored()))).toBe(file.sha256);
  });

  it('is not left by any path, and is made where it is not', async () => {
    const deep = join(folder, 'a', 'b');
    hub.answers = [whole(bytes)];
    const { path } = await get({ cacheFolder: deep }, { ...file, path: 'sub folder/mödel:*?.bin' });
    expect(path).toBe(join(deep, `${file.sha256}-m_del___.bin`));
    expect(hub.requests[0]!.url).toMatch('/sub%20folder/m%C3%B6del%3A*%3F.bin');
    for (const bad of ['../x', 'a/../../x', '/etc/passwd', '', 'a//b', 'a\\..\\b', '.', 'a\nb']) {
      await expect(get({}, { ...file, path: bad })).rejects.toEqual(refusal('OPTION_INVALID', 'path'));
    }
    for (const bad of ['..', '../x', 'a/b/c', 'a/..', 'a b/c', '', '/x', 'x?y']) {
      const wanted = { ...file, repository: bad };
      await expect(get({}, wanted)).rejects.toEqual(refusal('OPTION_INVALID', 'repository'));
    }
    for (const bad of [
      { commit: 'main' },
      { sha256: '../../x' },
      { sha256: file.sha256.toUpperCase() },
      { bytes: 0 },
      { bytes: 2 ** 32 + 1 },
      { bytes: 1.5 },
    ]) {
      await expect(get({}, { ...file, ...bad })).rejects.toEqual(refusal('OPTION_INVALID'));
    }
  });

  it('that is full is said to be full', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('a small file system can only be mounted as root, on Linux');
    }
    try {
      hub.answers = [whole(bytes)];
      await expect(get()).rejects.toEqual(
        refusal('FILE_UNWRITABLE', part(), 'the disk is full', 'RESNET_CACHE'),
      );
      expect(hub.requests).toHaveLength(1);
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it.skipIf(process.platform === 'win32')('has nothing that others could read', async () => {
    const cacheFolder = join(folder, 'a', 'cache');
    hub.answers = [cut(bytes, 70_000)];
    await expect(get({ cacheFolder, retry: { tries: 1 } })).rejects.toEqual(refusal('DOWNLOAD_FAILED'));
    const modes = async () => {
      const names = ['..', '.', ...(await readdir(cacheFolder))];
      return Promise.all(names.map(async (name) => (await stat(join(cacheFolder, name))).mode & 0o077));
    };
    expect(await modes()).toEqual([0, 0, 0]);
    hub.answers = [whole(bytes)];
    await get({ cacheFolder });
    expect(await modes()).toEqual([0, 0, 0]);
  });

  it.skipIf(process.platform === 'win32')('leads to no other file through links', async () => {
    const theirs = join(folder, 'theirs');
    await writeFile(theirs, 'before');
    for (const path of [part(), stored()]) await symlink(theirs, path);
    hub.answers = [whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(await readFile(theirs, 'utf8')).toBe('before');
    expect((await lstat(stored())).isFile()).toBe(true);
  });

  it('is free of what killed downloads have left', async () => {
    const temporary = `.${storedName(file)}.0123456789abcdef.tmp`;
    for (const name of [temporary, '.other.0123456789abcdef.tmp']) await writeFile(join(folder, name), '');
    hub.answers = [whole(bytes)];
    await get();
    expect((await readdir(folder)).sort()).toEqual(['.other.0123456789abcdef.tmp', storedName(file)].sort());
  });

  it('that can’t be is an error with advice', async () => {
    await writeFile(join(folder, 'file'), '');
    hub.answers = [whole(bytes)];
    const cacheFolder = join(folder, 'file', 'below');
    await expect(get({ cacheFolder })).rejects.toEqual(refusal('FILE_UNWRITABLE', 'cacheFolder'));
  });

  it('whose file can’t be replaced is an error with advice', async () => {
    await mkdir(stored());
    hub.answers = [whole(bytes)];
    await expect(get()).rejects.toEqual(refusal('FILE_UNWRITABLE', stored(), 'cacheFolder'));
  });
});
