import { join } from 'node:path';
import { gzipSync, inflateSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { Random } from '../../../packages/core/src/index.js';
import { readCifar10, readCifar100 } from '../../../packages/data/src/cifar/read-cifar.js';
import { entry, withChecksums } from './tar.js';
import { fileWriter, jsonFixture, type Target } from './target.js';

const random = new Random(1);
const record = (labels: number) =>
  Uint8Array.from({ length: labels + 3072 }, (_, at) => (at < labels ? random.int(10) : random.int(256)));
const records = (labels: number, count: number) =>
  new Uint8Array(Buffer.concat(Array.from({ length: count }, () => record(labels))));
const [inTar, ofTen, ofHundred] = [records(1, 1), records(1, 3), records(2, 2)];

async function pythonFiles(): Promise<Uint8Array[]> {
  const packed: Record<string, string> = await jsonFixture('data', 'cifar-python.json');
  return Object.values(packed).map((file) => new Uint8Array(inflateSync(Buffer.from(file, 'base64'))));
}

export async function cifarArchives(folder: string): Promise<Target[]> {
  const long = `${'a/'.repeat(120)}readme`;
  const binaryTar = await packTar([
    entry(long, new Uint8Array(9)),
    entry('cifar-10-batches-bin/test_batch.bin', inTar),
  ]);
  const pythonTar = await packTar([entry('cifar-10-batches-py/test_batch', (await pythonFiles())[0]!)]);
  const writeArchive = await fileWriter(folder, 'archive.tar.gz');
  const readArchive = async (bytes: Uint8Array) => readCifar10(await writeArchive(bytes), 'test');
  const gzip = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes, { level: 1 }));
  return [
    {
      name: 'tar',
      bases: [binaryTar, pythonTar],
      wrap: (bytes, random) => gzip(withChecksums(bytes, random)),
      parse: readArchive,
    },
    { name: 'tar.gz', bases: [gzip(binaryTar), gzip(pythonTar)], parse: readArchive },
  ];
}

export async function cifarFiles(folder: string): Promise<Target[]> {
  const python = await pythonFiles();
  const writeBinary = await fileWriter(join(folder, 'binary'), 'test_batch.bin');
  const writeHundred = await fileWriter(join(folder, 'hundred'), 'test.bin');
  const writePython = await fileWriter(join(folder, 'python'), 'test_batch');
  const writePython100 = await fileWriter(join(folder, 'python100'), 'test');
  return [
    {
      name: 'CIFAR binary',
      bases: [ofTen, ofHundred],
      async parse(bytes) {
        await writeBinary(bytes);
        await writeHundred(bytes);
        await readCifar10(join(folder, 'binary'), 'test').catch(() => {});
        await readCifar100(join(folder, 'hundred'), 'test');
      },
    },
    {
      name: 'CIFAR Python',
      bases: python,
      async parse(bytes) {
        await writePython(bytes);
        await writePython100(bytes);
        const [ten, hundred] = await Promise.allSettled([
          readCifar10(join(folder, 'python'), 'test'),
          readCifar100(join(folder, 'python100'), 'test', { labels: 'coarse' }),
        ]);
        for (const result of [ten, hundred]) if (result.status === 'rejected') throw result.reason;
      },
    },
  ];
}
