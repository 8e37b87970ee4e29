import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { DownloadProgress } from '@resnet/files';
import { cut, impatient, refusal, sha256, someBytes, status, whole } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { bytes, file, folder, get, hub, part, ranges, stored, useHub } from '../testing/downloads.js';
import { storedName } from './repository-file.js';

useHub();

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
