import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import {
  cut,
  type FakeServer,
  impatient,
  refusal,
  sha256,
  someBytes,
  startServer,
  status,
  whole,
} from '@resnet/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFile } from './fetch-file.js';
import { MemoryCollector } from './memory-collector.js';
import { fetchElsewhere, type RemoteFile } from './remote-file.js';
import { Interruption, retryPolicy } from './retry.js';

// How downloads meet every fault is tested where they are used: packages/zoo/src/hub/download.test.ts.

const bytes = someBytes(100_000);

let server: FakeServer;
let file: RemoteFile;
beforeEach(async () => {
  server = await startServer();
  file = {
    url: `${server.url}/path`,
    name: 'the file',
    server: 'The test',
    codes: { missing: 'FILE_UNREADABLE', corrupt: 'DOWNLOAD_FAILED' },
    forbiddenAdvice: 'Ask nicely.',
    bytes: bytes.length,
    checksum: `sha256 ${sha256(bytes)}`,
  };
});
afterEach(() => server.close());

const get = (retry = impatient) =>
  fetchFile(
    file,
    async () => new MemoryCollector(file.bytes),
    async (collector) => {
      const found = await collector.bytes();
      return sha256(found) === sha256(bytes) ? found : undefined;
    },
    { retry: retryPolicy(retry), signal: undefined, headers: { 'X-Own': 'yes' } },
  );

describe('fetchFile', () => {
  it('hands on the whole file, and sends the headers each time', async () => {
    server.answers = [cut(bytes, 30_000), whole(bytes)];
    expect(await get()).toEqual(bytes);
    expect(server.requests.map(({ headers }) => headers['x-own'])).toEqual(['yes', 'yes']);
  });

  it('gives up a server that is too slow, however long bytes come', async () => {
    let sent = 0;
    // Ten bytes at a time, from where it is asked: each connection brings some.
    const drip = async (request: IncomingMessage, response: ServerResponse) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(start > 0 ? 206 : 200, start > 0 ? { 'Content-Range': range } : {});
      for (let place = start; !response.destroyed && place < bytes.length; place += 10) {
        response.write(bytes.subarray(place, place + 10));
        sent += 10;
        await setTimeout(10);
      }
    };
    server.answers = [drip];
    const slow = { minimumSpeed: 5_000, speedWindow: 0.2 };
    const failed = get({ ...impatient, ...slow });
    await expect(failed).rejects.toThrow(/^only \d+ bytes a second came, fewer than 5000$/);
    expect(server.requests).toHaveLength(5);
    expect(sent).toBeLessThan(bytes.length);
    // What has come is gone on with as soon as the server is faster.
    server.answers = [drip, drip, whole(bytes)];
    expect(await get({ ...impatient, ...slow })).toEqual(bytes);
  });

  it('speaks as it is told', async () => {
    server.answers = [status(404)];
    await expect(get()).rejects.toEqual(refusal('FILE_UNREADABLE', 'has no the file (404)', file.url));
    server.answers = [status(401)];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FORBIDDEN', 'refuses the file (401). Ask nicely.'));
    server.answers = [whole(someBytes(bytes.length, 2))];
    await expect(get()).rejects.toEqual(
      refusal(
        'DOWNLOAD_FAILED',
        `The test does not have the right the file: its bytes do not have the ${file.checksum}.`,
      ),
    );
    expect(fetchElsewhere(file)).toBe(`fetch ${file.url} (0.1 MB, ${file.checksum}) elsewhere`);
  });

  it('leaves interruptions to the caller', async () => {
    server.answers = [status(503)];
    await expect(get()).rejects.toBeInstanceOf(Interruption);
  });
});
