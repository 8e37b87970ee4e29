import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FakeServer,
  impatient,
  json,
  refusal,
  someBytes,
  startServer,
  status,
  whole,
} from '@resnet/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commit, fileOf } from '../testing/hub-file.js';
import { download } from './download.js';
import * as host from './host.node.js';
import type { FileReference } from './repository-file.js';

const bytes = someBytes(5000);
const file = fileOf(bytes);
const { repository, path, sha256 } = file;
const lfs = { size: bytes.length, sha256, pointerSize: 134 };
const answer = {
  sha: commit,
  siblings: [
    { rfilename: 'README.md', size: 10 },
    { rfilename: path, lfs },
  ],
};

let folder: string;
let hub: FakeServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-hub-'));
  hub = await startServer();
  hub.answers = [json(answer), whole(bytes)];
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true });
});

const get = (reference: Partial<FileReference> = {}) =>
  download(
    { repository, path, ...reference },
    { hub: hub.url, token: 'hf_x', cacheFolder: folder, retry: impatient },
    host,
  );
const addresses = () => hub.requests.map(({ url }) => url);

describe('a file that is not pinned', () => {
  it('is what the hub says it is', async () => {
    expect(await get()).toMatchObject({ file, bytes, fromCache: false });
    expect(addresses()).toEqual([
      '/api/models/owner/model/revision/main?blobs=true',
      `/owner/model/resolve/${commit}/${path}`,
    ]);
    expect(hub.requests[0]!.headers.authorization).toBe('Bearer hf_x');
  });

  it('of another branch is asked for there', async () => {
    await get({ revision: 'refs/pr/4' });
    expect(addresses()[0]).toBe('/api/models/owner/model/revision/refs%2Fpr%2F4?blobs=true');
    await expect(get({ revision: '../../other' })).rejects.toEqual(refusal('OPTION_INVALID', 'revision'));
  });

  it('is asked for again while there is a network, and remembered when there is none', async () => {
    await get();
    const newer = someBytes(6000);
    const siblings = [{ rfilename: path, lfs: { size: newer.length, sha256: fileOf(newer).sha256 } }];
    hub.answers = [json({ sha: 'f'.repeat(40), siblings }), whole(newer)];
    expect((await get()).bytes).toEqual(newer);
    await hub.close();
    expect(await get()).toMatchObject({ bytes: newer, fromCache: true });
    await expect(get({ revision: 'other' })).rejects.toEqual(refusal('DOWNLOAD_FAILED', path));
  });

  it('of a commit is asked for once', async () => {
    await get({ commit });
    expect(await get({ commit })).toMatchObject({ file, fromCache: true });
    expect(hub.requests).toHaveLength(2);
  });

  it('is not believed of a note that is broken', async () => {
    await get({ commit });
    const note = (await readdir(folder)).find((name) => name.endsWith('.json'))!;
    for (const broken of ['', 'null', '{}', JSON.stringify({ commit, bytes: 10, sha256: '../../x' })]) {
      await writeFile(join(folder, note), broken);
      hub.answers = [json(answer)];
      expect(await get({ commit })).toMatchObject({ file, fromCache: true });
    }
    expect(hub.requests).toHaveLength(6);
  });

  it('must be what is known of it', async () => {
    hub.answers = [json(answer)];
    for (const other of [
      { sha256: 'a'.repeat(64) },
      { bytes: 5001 },
      { commit: 'b'.repeat(40) },
    ] satisfies Partial<FileReference>[]) {
      await expect(get(other)).rejects.toEqual(refusal('WEIGHTS_CORRUPT', Object.keys(other)[0]!));
    }
  });

  it('that is not there is missing, with what is there', async () => {
    hub.answers = [json({ ...answer, siblings: [{ rfilename: 'pytorch_model.bin', lfs }] })];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_MISSING', path, '"pytorch_model.bin"'));
    hub.answers = [status(404)];
    await expect(get()).rejects.toEqual(refusal('WEIGHTS_MISSING', path));
  });

  it('is asked for again where the hub is busy', async () => {
    hub.answers = [status(503), json(answer), whole(bytes)];
    expect((await get()).bytes).toEqual(bytes);
  });
});

describe('an answer of a stranger', () => {
  const siblings = (entry: unknown) => ({ sha: commit, siblings: [entry] });
  it.each<[string, unknown]>([
    ['nothing', null],
    ['text', 'x'],
    ['a list', [answer]],
    ['no commit', { siblings: answer.siblings }],
    ['a path for a commit', { ...answer, sha: '../../../../other/model/resolve/main' }],
    ['a number for a commit', { ...answer, sha: 1 }],
    ['no list', { sha: commit, siblings: { length: 1, 0: { rfilename: path, lfs } } }],
    ['no lfs', siblings({ rfilename: path, size: 10 })],
    ['odd lfs', siblings({ rfilename: path, lfs: 'x' })],
    ['no sha256', siblings({ rfilename: path, lfs: { size: 10 } })],
    ['a path for a sha256', siblings({ rfilename: path, lfs: { size: 10, sha256: '../../../etc/passwd' } })],
    ['a short sha256', siblings({ rfilename: path, lfs: { ...lfs, sha256: sha256.slice(1) } })],
    ['no size', siblings({ rfilename: path, lfs: { sha256 } })],
    ['no bytes', siblings({ rfilename: path, lfs: { ...lfs, size: 0 } })],
    ['a huge size', siblings({ rfilename: path, lfs: { ...lfs, size: 2 ** 32 + 1 } })],
    ['a negative size', siblings({ rfilename: path, lfs: { ...lfs, size: -5 } })],
    ['half a byte', siblings({ rfilename: path, lfs: { ...lfs, size: 10.5 } })],
    ['a size in words', siblings({ rfilename: path, lfs: { ...lfs, size: '10' } })],
  ])('is refused: %s', async (_, value) => {
    hub.answers = [json(value)];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'is of no use'));
    expect(hub.requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['odd entries', { sha: commit, siblings: [null, 1, 'x', [], { rfilename: { a: 1 } }] }],
    ['names with control characters', siblings({ rfilename: '\u001b[31m\n.bin', lfs })],
  ])('has no such file, and is shown safely: %s', async (_, value) => {
    hub.answers = [json(value)];
    const error = await get().catch((error: unknown) => error);
    expect(error).toEqual(refusal('WEIGHTS_MISSING'));
    expect((error as Error).message).not.toMatch(/\p{Cc}/u);
  });

  it('is refused: no JSON', async () => {
    hub.answers = [status(200, {}, '<html>')];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'not JSON'));
  });

  it('is not read to its end', async () => {
    let isOpen = true;
    const chunk = Buffer.alloc(2 ** 20, ' ');
    hub.answers = [
      (_, response) => {
        response.on('close', () => {
          isOpen = false;
        });
        const send = () => isOpen && response.write(chunk, send);
        send();
      },
    ];
    await expect(get()).rejects.toEqual(refusal('DOWNLOAD_FAILED', 'too long'));
    await expect.poll(() => isOpen).toBe(false);
  });
});
