import { ResnetError } from '@resnet/core';
import type { OpenRequest, Purpose } from './entry.js';

/** The possible names of the part for a purpose; the first one that exists is taken. */
const NAMES: Record<Purpose, readonly string[]> = {
  train: ['train', 'training'],
  test: ['val', 'valid', 'validation', 'test'],
};

/** How messages describe the parts of a kind of set. */
export interface PartForm {
  /** What a part is: 'a folder'. */
  noun: string;
  /** 'with the folders of the classes' */
  contents?: string;
  /** What is there if there are no parts. */
  whole(): string | Promise<string>;
  /** What to do if the part is missing; by default, to split the images. */
  advice?: string;
}

/**
 * The part for a purpose: one with a usual name, or with such a word in its name ('imagenet1k-train').
 *
 * @returns undefined if the set has no parts and can be used as a whole
 * @throws DATA_MISSING if there is none
 */
export async function partFor(
  source: string,
  parts: readonly string[],
  { purpose = 'train', isSplit = false }: OpenRequest,
  form: PartForm,
): Promise<string | undefined> {
  const names = NAMES[purpose];
  for (const name of names) {
    if (parts.includes(name)) return name;
    const alike = parts.filter((part) => wordsOf(part).includes(name));
    if (alike.length === 1) return alike[0];
  }
  const hasParts = parts.some((part) => wordsOf(part).some(isPartName));
  if (!hasParts && parts.length <= 1 && (purpose === 'test' || isSplit)) return undefined;
  const contents = form.contents === undefined ? '' : ` ${form.contents}`;
  const found = hasParts || parts.length > 1 ? `the parts ${parts.join(', ')}` : await form.whole();
  const split =
    purpose === 'train'
      ? 'Give --hold-out to test with so many of its images, or move some into val and the others into train.'
      : 'Make one, or in training give --hold-out to test with so many of the training images.';
  throw new ResnetError(
    'DATA_MISSING',
    `'${source}' must hold ${form.noun} ${names.join(' or ')}${contents}, found ${found}. ${form.advice ?? split}`,
  );
}

function wordsOf(part: string): string[] {
  return part.toLowerCase().split(/[-_.]/);
}

function isPartName(word: string): boolean {
  return NAMES.train.includes(word) || NAMES.test.includes(word);
}
