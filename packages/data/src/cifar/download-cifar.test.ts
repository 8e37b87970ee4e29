import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Random } from '@resnet/core';
import type { DownloadProgress } from '@resnet/files';
import {
  cifarPickles,
  coded,
  cut,
  type FakeServer,
  impatient,
  madeCifar,
  madeCifar100,
  someBytes,
  startServer,
  status,
  temporaryFolder,
  whole,
} from '@resnet/testing';
import { packTar, type TarEntry } from 'modern-tar';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CIFAR10_DISTRIBUTION, CIFAR100_DISTRIBUTION, type CifarDistribution } from './distribution.js';
import {
  type DownloadCifarOptions,
  downloadCifar,
  downloadCifar10,
  downloadCifar100,
} from './download-cifar.js';
import { readCifar10, readCifar100 } from './read-cifar.js';

const file = (name: string, body: Uint8Array): TarEntry => ({ header: { name, size: body.length }, body });

const batches = [3, 1, 2, 5, 4].map((batch) => [`data_batch_${batch}.bin`, madeCifar([batch, 0])] as const);
const files = [...batches, ['test_batch.bin', madeCifar([7, 8, 9])] as const];
const names = files.map(([name]) => name).sort();

let archive: Buffer;
let distribution: CifarDistribution;
let folder: string;
let remove: () => Promise<void>;
let server: FakeServer;

/** The real distribution, but with two images in a file to train on, three to test with, and this archive. */
function distributionOf(archive: Uint8Array): CifarDistribution {
  return {
    ...CIFAR10_DISTRIBUTION,
    images: { train: 2, test: 3 },
    download: {
      ...CIFAR10_DISTRIBUTION.download,
      bytes: archive.length,
      md5: createHash('md5').update(archive).digest('hex'),
    },
  };
}

async function pack(entries: TarEntry[]): Promise<Buffer> {
  return gzipSync(await packTar(entries), { level: 1 });
}

beforeAll(async () => {
  const noise = new Random(1);
  archive = await pack([
    { header: { name: 'cifar-10-batches-bin/', size: 0, type: 'directory' } },
    file(
      'cifar-10-batches-bin/readme.html',
      Uint8Array.from({ length: 100_000 }, () => noise.int(256)),
    ),
    ...files.map(([name, bytes]) => file(`cifar-10-batches-bin/${name}`, bytes)),
  ]);
  distribution = distributionOf(archive);
});
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  server = await startServer();
  server.answers = [whole(archive)];
});
afterEach(async () => {
  await server.close();
  await remove();
});

const get = (options: DownloadCifarOptions = {}) =>
  downloadCifar(distribution, folder, { url: `${server.url}/cifar`, retry: impatient, ...options });
const stored = () => join(folder, 'cifar-10-binary.tar.gz');
const part = () => `${stored()}.part`;
const unpacked = () => join(folder, 'cifar-10-batches-bin');
const ranges = () => server.requests.map(({ headers }) => headers.range);

async function expectWhole(): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual(['cifar-10-batches-bin', 'cifar-10-binary.tar.gz']);
  expect((await readdir(unpacked())).sort()).toEqual(names);
  for (const [name, bytes] of files)
    expect(await readFile(join(unpacked(), name))).toEqual(Buffer.from(bytes));
  expect(await readFile(stored())).toEqual(archive);
}

describe('downloadCifar10', () => {
  it('fetches the archive, checks it, unpacks the set, and does not ask again', async () => {
    const progress: DownloadProgress[] = [];
    expect(await get({ onProgress: (report) => progress.push(report) })).toBe(unpacked());
    await expectWhole();
    expect(progress.at(-1)).toEqual({
      receivedBytes: archive.length,
      totalBytes: archive.length,
      resumedBytes: 0,
    });
    expect(server.requests.map(({ url }) => url)).toEqual(['/cifar']);
    for (const position of [folder, unpacked(), stored()]) {
      expect([...(await readCifar10(position, 'train')).labels]).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
      expect([...(await readCifar10(position, 'test')).labels]).toEqual([7, 8, 9]);
    }
    await server.close();
    expect(await get()).toBe(unpacked());
  });

  it('makes the folder', async () => {
    folder = join(folder, 'a', 'b');
    expect(await get()).toBe(unpacked());
    await expectWhole();
  });

  it('unpacks an archive that a person has put there', async () => {
    await writeFile(stored(), archive);
    expect(await get()).toBe(unpacked());
    await expectWhole();
    expect(server.requests).toEqual([]);
  });

  it('unpacks again what is missing or cut off', async () => {
    await get();
    await rm(join(unpacked(), 'data_batch_2.bin'));
    await writeFile(join(unpacked(), 'test_batch.bin'), madeCifar([1]));
    await get();
    await expectWhole();
    expect(server.requests).toHaveLength(1);
  });

  it('needs no archive once the set is unpacked', async () => {
    await get();
    await rm(stored());
    expect(await get()).toBe(unpacked());
    expect(server.requests).toHaveLength(1);
    // The same where the folder itself is the set's.
    folder = unpacked();
    expect(await get()).toBe(folder);
    expect(server.requests).toHaveLength(1);
  });

  it('takes the Python version for the set', async () => {
    const inner = join(folder, 'cifar-10-batches-py');
    await mkdir(inner);
    const one = cifarPickles().get('one image')!;
    for (const name of names) await writeFile(join(inner, name.replace('.bin', '')), one);
    expect(await get()).toBe(inner);
    expect(server.requests).toEqual([]);
    expect((await readCifar10(inner, 'train')).count).toBe(5);
  });

  it('replaces an archive that is another one', async () => {
    for (const bytes of [someBytes(archive.length), someBytes(1000)]) {
      await writeFile(stored(), bytes);
      await get();
      await expectWhole();
      await rm(unpacked(), { recursive: true });
    }
  });

  it('knows the published archives', async () => {
    for (const [download, { download: published }, digits] of [
      [downloadCifar10, CIFAR10_DISTRIBUTION, '10'],
      [downloadCifar100, CIFAR100_DISTRIBUTION, '100'],
    ] as const) {
      expect(published.url).toBe(`https://www.cs.toronto.edu/~kriz/cifar-${digits}-binary.tar.gz`);
      server.answers = [status(200, { 'Content-Length': '7' }, 'too few')];
      await expect(download(folder, { url: server.url, retry: impatient })).rejects.toEqual(
        coded('DATA_INVALID', `expected ${published.bytes} bytes, found 7. Otherwise fetch ${published.url}`),
      );
    }
  });

  it('fetches CIFAR-100 in the same way', async () => {
    const [train, test] = [madeCifar100([[1, 2]]), madeCifar100([[3, 4]])];
    const packed = await pack([
      file('cifar-100-binary/train.bin', train),
      file('cifar-100-binary/test.bin', test),
    ]);
    const { download } = distributionOf(packed);
    server.answers = [whole(packed)];
    const made = { ...CIFAR100_DISTRIBUTION, images: { train: 1, test: 1 }, download };
    const position = await downloadCifar(made, folder, { url: server.url });
    expect(position).toBe(join(folder, 'cifar-100-binary'));
    expect([...(await readCifar100(position, 'train')).labels]).toEqual([2]);
  });
});

describe('a connection that is cut', () => {
  it('goes on where it was', async () => {
    server.answers = [cut(archive, 40_000), cut(archive, 40_000), whole(archive)];
    await get();
    await expectWhole();
    expect(ranges()).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
      expect.stringMatching(/^bytes=\d+-$/),
    ]);
  });

  it('goes on in a later call', async () => {
    server.answers = [cut(archive, 70_000)];
    await expect(get({ retry: { tries: 1 } })).rejects.toEqual(
      coded('DOWNLOAD_FAILED', 'call again to resume'),
    );
    const { size } = await stat(part());
    expect(size).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual(['cifar-10-binary.tar.gz.part']);

    server.answers = [whole(archive)];
    const progress: DownloadProgress[] = [];
    await get({ onProgress: (report) => progress.push(report) });
    await expectWhole();
    expect(ranges().at(-1)).toBe(`bytes=${size}-`);
    expect(progress.at(-1)!.resumedBytes).toBe(size);
  });

  it('begins anew where what had come is damaged', async () => {
    for (const left of [someBytes(50_000), someBytes(archive.length), someBytes(archive.length + 1)]) {
      await writeFile(part(), left);
      await get();
      await expectWhole();
      await rm(folder, { recursive: true });
      await mkdir(folder);
    }
  });
});

describe('a server that is of no use', () => {
  it.each<[string, () => FakeServer['answers'][number], Parameters<typeof coded>]>([
    [
      'other bytes',
      () => whole(someBytes(archive.length)),
      ['DATA_INVALID', 'its bytes do not have the MD5 '],
    ],
    ['fewer bytes', () => whole(archive.subarray(1)), ['DATA_INVALID', 'bytes, found ']],
    ['more bytes', () => status(200, {}, someBytes(archive.length + 1)), ['DATA_INVALID', 'more than the ']],
    ['nothing of it', () => status(404), ['DATA_MISSING', 'has no cifar-10-binary.tar.gz (404)']],
    ['a refusal', () => status(403), ['DOWNLOAD_FORBIDDEN', 'refuses cifar-10-binary.tar.gz (403)']],
    [
      'a login page',
      () => status(200, { 'Content-Type': 'text/html' }, '<html>'),
      ['DOWNLOAD_FAILED', 'a login'],
    ],
    ['an error', () => status(503), ['DOWNLOAD_FAILED', 'answered 503']],
    ['a joke', () => status(418), ['DOWNLOAD_FAILED', 'answered 418']],
  ])('sends %s: nothing is kept, and the way out is told', async (_, answer, [code, problem]) => {
    server.answers = [answer()];
    const error: Error = await get().then(
      () => new Error('it is taken'),
      (error) => error,
    );
    expect(error).toEqual(coded(code, problem));
    const { url, bytes, md5 } = distribution.download;
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    expect(error.message).toMatch(
      ` Otherwise fetch ${url} (${size}, MD5 ${md5}) elsewhere and put it at ${stored()}.`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not there: the same is told', async () => {
    await server.close();
    await expect(get()).rejects.toEqual(
      coded(
        'DOWNLOAD_FAILED',
        `Can't download cifar-10-binary.tar.gz from ${server.url}/cifar: connect ECONNREFUSED`,
      ),
    );
    await expect(get()).rejects.toEqual(coded('DOWNLOAD_FAILED', `put it at ${stored()}.`));
  });

  it.each(['', 'cifar.tar.gz', 'file:///etc/passwd', 'ftp://host/cifar'])(
    'has the address %j',
    async (url) => {
      await expect(get({ url })).rejects.toEqual(coded('OPTION_INVALID', 'url must be an address'));
    },
  );
});

describe('stopping', () => {
  it('ends the download and keeps what has come', async () => {
    server.answers = [cut(archive, 70_000)];
    const controller = new AbortController();
    const stopped = get({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toEqual(coded('ABORTED'));
    expect(await readdir(folder)).toEqual(['cifar-10-binary.tar.gz.part']);
    server.answers = [whole(archive)];
    await get();
    await expectWhole();
  });

  it('ends the check and the unpacking too', async () => {
    const signal = AbortSignal.abort();
    await writeFile(part(), archive);
    await expect(get({ signal })).rejects.toEqual(coded('ABORTED'));
    expect(await readdir(folder)).toEqual(['cifar-10-binary.tar.gz.part']);
    await writeFile(stored(), archive);
    await expect(get({ signal })).rejects.toEqual(coded('ABORTED'));
    expect(server.requests).toEqual([]);
  });
});

describe('the folder', () => {
  it('serves downloads at once', async () => {
    server.answers = [cut(archive, 30_000)];
    const found = await Promise.all(
      [0, 10, 20, 30].map(async (delay) => {
        await setTimeout(delay);
        return get();
      }),
    );
    expect(new Set(found)).toEqual(new Set([unpacked()]));
    await expectWhole();
  });

  it('is refused where it is a file', async () => {
    await writeFile(stored(), archive);
    await expect(downloadCifar10(stored())).rejects.toEqual(
      coded('OPTION_INVALID', `found the file '${stored()}'`),
    );
  });

  it('that is full is said to be full', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('a small file system can only be mounted as root, on Linux');
    }
    try {
      await expect(get()).rejects.toEqual(
        coded('FILE_UNWRITABLE', 'the disk is full. Make room, or name another folder.'),
      );
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it.skipIf(process.platform === 'win32')('leads to no other file through links', async () => {
    const theirs = join(folder, 'theirs');
    await writeFile(theirs, 'before');
    for (const path of [part(), stored()]) await symlink(theirs, path);
    expect(await get()).toBe(unpacked());
    expect(await readFile(theirs, 'utf8')).toBe('before');
  });

  it('that can’t be is an error with advice', async () => {
    await writeFile(join(folder, 'file'), '');
    folder = join(folder, 'file', 'below');
    await expect(get()).rejects.toEqual(coded('FILE_UNWRITABLE', 'Name another folder.'));
  });

  it('whose archive can’t be replaced is an error with advice', async () => {
    await mkdir(stored());
    await expect(get()).rejects.toEqual(coded('FILE_UNWRITABLE', `Can't write ${stored()}: `));
  });
});

describe('an archive with a will of its own', () => {
  it('writes nothing but the files of the set, and these nowhere else', async () => {
    const outside = join(folder, 'outside');
    const links = (['link', 'symlink', 'directory'] as const).map((type) => ({
      header: { name: 'cifar-10-batches-bin/test_batch.bin', size: 0, type, linkname: outside },
    }));
    const hostile = await pack([
      ...links,
      file('../escaped', someBytes(10)),
      file('/etc/escaped', someBytes(10)),
      file('cifar-10-batches-bin/more.bin', someBytes(10)),
      ...files.map(([name, bytes], index) =>
        file(`${['../../', '/tmp/', './a/b/'][index % 3]}${name}`, bytes),
      ),
    ]);
    distribution = distributionOf(hostile);
    server.answers = [whole(hostile)];
    await get();
    expect((await readdir(folder)).sort()).toEqual(['cifar-10-batches-bin', 'cifar-10-binary.tar.gz']);
    expect((await readdir(unpacked())).sort()).toEqual(names);
    distribution = distributionOf(archive);
  });

  it.each([
    ['too few files', files.slice(1)],
    ['a file that is too short', [...files.slice(0, 5), ['test_batch.bin', madeCifar([1])] as const]],
    ['a file that is too long', [...files.slice(0, 5), ['test_batch.bin', madeCifar([1, 2, 3, 4])] as const]],
  ])('is refused with %s', async (_, entries) => {
    const other = await pack(entries.map(([name, bytes]) => file(name, bytes)));
    distribution = distributionOf(other);
    server.answers = [whole(other)];
    await expect(get()).rejects.toEqual(coded('DATA_INVALID', 'Remove it and download it again.'));
    distribution = distributionOf(archive);
  });
});
