import { ResnetError } from '@resnet/core';
import { CIFAR10_CLASSES, type CifarImages, type ImageSet, parseCifar10 } from '@resnet/data';
import { createTarDecoder } from 'modern-tar';

const TRAIN = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
const TEST = 'test_batch.bin';
/** 10,000 records of a label and 32 × 32 × 3 pixels. */
const MOST_BYTES = 10_000 * (1 + 3072);

const ADVICE =
  'Choose cifar-10-binary.tar.gz of the CIFAR page of the University of Toronto, or test_batch.bin and some of ' +
  'data_batch_1.bin to data_batch_5.bin out of it.';

/**
 * Reads CIFAR-10's binary version from its archive, or from files unpacked from it: all the files to train on that are there,
 * and the one to test with.
 *
 * @throws DATA_MISSING if there are none of the one kind or of the other; DATA_INVALID if a file is no such file, or is damaged
 */
export async function readCifarFiles(files: readonly File[]): Promise<{ train: ImageSet; test: ImageSet }> {
  const found = new Map<string, CifarImages>();
  const add = async (name: string, blob: Blob, source: string) => {
    if (blob.size > MOST_BYTES) {
      throw new ResnetError(
        'DATA_INVALID',
        `${source} must have at most ${MOST_BYTES} bytes, found ${blob.size}. ${ADVICE}`,
      );
    }
    found.set(name, parseCifar10(new Uint8Array(await blob.arrayBuffer()), source));
  };
  for (const file of files) {
    if (/\.(tar\.gz|tgz)$/i.test(file.name)) await readArchive(file, add);
    else if (isWanted(file.name)) await add(file.name, file, `'${file.name}'`);
    else
      throw new ResnetError(
        'DATA_INVALID',
        `'${file.name}' is no file of CIFAR-10’s binary version. ${ADVICE}`,
      );
  }
  const train = TRAIN.flatMap((name) => found.get(name) ?? []);
  const test = found.get(TEST);
  if (train.length === 0 || !test) {
    const missing = test ? 'images to train on' : train.length > 0 ? `images to test with, ${TEST}` : 'files';
    throw new ResnetError('DATA_MISSING', `CIFAR-10 is not complete: there are no ${missing}. ${ADVICE}`);
  }
  return { train: imageSet('CIFAR-10 train', train), test: imageSet('CIFAR-10 test', [test]) };
}

const isWanted = (name: string) => name === TEST || TRAIN.includes(name);

async function readArchive(
  file: File,
  add: (name: string, blob: Blob, source: string) => Promise<void>,
): Promise<void> {
  try {
    const entries = file
      .stream()
      .pipeThrough(new DecompressionStream('gzip'))
      .pipeThrough(createTarDecoder({ strict: true }))
      .getReader();
    for (let next = await entries.read(); !next.done; next = await entries.read()) {
      const { header, body } = next.value;
      const name = header.name.slice(header.name.lastIndexOf('/') + 1);
      const isRead = header.type === 'file' && isWanted(name) && header.size <= MOST_BYTES;
      // Unwanted entries are read too: canceling one may cancel the next as well.
      const blob = await collect(body, isRead);
      if (isRead) await add(name, blob, `${name} in '${file.name}'`);
    }
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    const found = (cause as Error).message;
    throw new ResnetError(
      'DATA_INVALID',
      `'${file.name}' must be a whole tar archive packed by gzip, found that it is none or is damaged (${found}). ${ADVICE}`,
      { cause },
    );
  }
}

async function collect(body: ReadableStream<Uint8Array>, isKept: boolean): Promise<Blob> {
  const chunks: BlobPart[] = [];
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (isKept) chunks.push(next.value.slice());
  }
  return new Blob(chunks);
}

function imageSet(name: string, parts: readonly CifarImages[]): ImageSet {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const images = new Uint8Array(count * 3072);
  const labels = new Uint8Array(count);
  let first = 0;
  for (const part of parts) {
    images.set(part.images, first * 3072);
    labels.set(part.labels, first);
    first += part.count;
  }
  return { name, images, labels, count, height: 32, width: 32, channels: 3, classes: CIFAR10_CLASSES };
}
