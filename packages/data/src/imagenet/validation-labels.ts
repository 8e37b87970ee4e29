import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { readRegularText, unreadable } from '@resnet/files/node';
import { isFile } from '../folders/kind-at.js';
import { IMAGENET_CLASSES } from './classes.js';
import { readDevelopmentKitIds } from './development-kit.js';

/** The names of the published files of labels. */
const NAMES = [
  'imagenet_2012_validation_synset_labels.txt',
  'LOC_val_solution.csv',
  'ILSVRC2012_validation_ground_truth.txt',
  'ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt',
];

/** Far above those of Kaggle's file: 2 MB and 50,001 lines, of which the longest has some 1,000 characters. */
export const MOST_LABELS_BYTES = 2 ** 24;
export const MOST_LABELS_LINES = 200_000;
const MOST_LINE_LENGTH = 10_000;

/**
 * The first file of labels of the validation images in one of these folders.
 *
 * @throws DATA_MISSING
 */
export async function findLabels(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (await isFile(path)) return path;
    }
  }
  throw new ResnetError(
    'DATA_MISSING',
    `The validation images of ImageNet lie in no folders of classes and so need a file of labels: ` +
      `${NAMES.slice(0, 3).join(', ')}; found none of them in '${[...new Set(folders)].join("', '")}'. Put one there.`,
  );
}

/**
 * Reads a file with the labels of the validation images, of one of three kinds: lines of WordNet ids in the order of the images'
 * numbers; Kaggle's table of images and boxes; lines of the development kit's class numbers.
 *
 * @param images names of all image files, such as 'ILSVRC2012_val_00000001.JPEG'
 * @param folder of the images, for messages
 * @returns the WordNet id of each of these files
 * @throws DATA_INVALID if a line is damaged, a label is unknown, or an image has no label or two; DATA_MISSING if an image that
 *   has a label is missing, or the development kit lacks meta.mat; FILE_UNREADABLE if the system refuses
 */
export async function readValidationLabels(
  path: string,
  images: readonly string[],
  folder: string,
): Promise<Map<string, string>> {
  const lines = await readLines(path);
  const kind = kindOf(lines[0] ?? '');
  if (kind === undefined) {
    throw invalid(
      path,
      1,
      "begin with a WordNet id such as n01440764, a class's number, or ImageId,PredictionString",
      lines[0] ?? 'an empty file',
    );
  }
  const known = new Set(IMAGENET_CLASSES.map(({ id }) => id));
  const entries = kind === 'table' ? table(path, lines) : inOrder(path, lines, await idsOf(path, kind));
  const wanted = filesByNumber(images, folder);
  const ids = new Map<string, string>();
  for (const { line, number, id } of entries) {
    if (!known.has(id)) throw invalid(path, line, 'name one of the 1000 classes of ILSVRC2012', id);
    const image = wanted.get(number);
    if (image === undefined) {
      throw new ResnetError(
        'DATA_MISSING',
        `'${folder}' must hold image ${number} (${nameOf(number)}), whose label is in line ${line} of '${path}', ` +
          `but has only ${images.length} images and not this one. Unpack the archive of the images again.`,
      );
    }
    ids.set(image, id);
  }
  const unlabeled = images.find((image) => !ids.has(image));
  if (unlabeled === undefined) return ids;
  throw new ResnetError(
    'DATA_INVALID',
    `'${path}' must have a label for each of the ${images.length} images in '${folder}', found none for ` +
      `'${unlabeled}' in its ${lines.length} lines. Use the complete file.`,
  );
}

interface Entry {
  line: number;
  /** The image's number, from 1. */
  number: number;
  id: string;
}

type Kind = 'ids' | 'numbers' | 'table';

function kindOf(line: string): Kind | undefined {
  if (/^n\d{8}$/.test(line)) return 'ids';
  if (/^\d{1,4}$/.test(line)) return 'numbers';
  return line.startsWith('ImageId,') ? 'table' : undefined;
}

/** A function that turns a line with one label into a WordNet id. */
async function idsOf(path: string, kind: 'ids' | 'numbers'): Promise<(text: string) => string | undefined> {
  if (kind === 'ids') return (text) => (/^n\d{8}$/.test(text) ? text : undefined);
  const ids = await readDevelopmentKitIds(join(dirname(path), 'meta.mat'));
  return (text) => (/^\d{1,4}$/.test(text) ? ids.get(Number(text)) : undefined);
}

function inOrder(
  path: string,
  lines: readonly string[],
  idOf: (text: string) => string | undefined,
): Entry[] {
  return lines.map((text, index) => {
    const id = idOf(text);
    if (id === undefined)
      throw invalid(path, index + 1, 'be a label of ILSVRC2012 as the first line is', text);
    return { line: index + 1, number: index + 1, id };
  });
}

/** Lines such as `ILSVRC2012_val_00000001,n01751748 111 108 441 193`: the class and the box of each object. */
function table(path: string, lines: readonly string[]): Entry[] {
  const lineOf = new Map<number, number>();
  return lines.slice(1).map((text, index) => {
    const line = index + 2;
    const [, digits, objects] = /^ILSVRC2012_val_(\d{8}),((?:n\d{8} \d+ \d+ \d+ \d+ ?)+)$/.exec(text) ?? [];
    if (digits === undefined || objects === undefined) {
      throw invalid(path, line, "be as 'ILSVRC2012_val_00000001,n01751748 111 108 441 193'", text);
    }
    const ids = [...new Set(objects.match(/n\d{8}/g))];
    if (ids.length !== 1) throw invalid(path, line, 'name one class', ids.join(' and '));
    const number = Number(digits);
    const earlier = lineOf.get(number);
    if (earlier !== undefined) {
      throw invalid(path, line, 'be about an image of its own', `the one of line ${earlier} again`);
    }
    lineOf.set(number, line);
    return { line, number, id: ids[0]! };
  });
}

function filesByNumber(images: readonly string[], folder: string): Map<number, string> {
  const files = new Map<number, string>();
  for (const image of images) {
    const digits = /^ILSVRC2012_val_(\d{8})\.jpe?g$/i.exec(image)?.[1];
    if (digits === undefined) {
      throw new ResnetError(
        'DATA_INVALID',
        `Images in '${folder}' must be named as ${nameOf(1)}, found '${image}'. Move it away.`,
      );
    }
    const other = files.get(Number(digits));
    if (other !== undefined) {
      throw new ResnetError(
        'DATA_INVALID',
        `Images in '${folder}' must have a number of their own, found '${other}' and '${image}'. Remove one.`,
      );
    }
    files.set(Number(digits), image);
  }
  return files;
}

function nameOf(number: number): string {
  return `ILSVRC2012_val_${String(number).padStart(8, '0')}.JPEG`;
}

async function readLines(path: string): Promise<string[]> {
  const refuse = (cause: unknown) => {
    throw unreadable(path, cause);
  };
  const { size } = await stat(path).catch(refuse);
  if (size > MOST_LABELS_BYTES) {
    throw new ResnetError(
      'DATA_INVALID',
      `A file of labels must have at most ${MOST_LABELS_BYTES} bytes, '${path}' has ${size}. Give one of ${NAMES.join(', ')}.`,
    );
  }
  const text = await readRegularText(path, MOST_LABELS_BYTES).catch(refuse);
  const lines = text.trimEnd().split(/\r?\n/, MOST_LABELS_LINES + 1);
  if (lines.length > MOST_LABELS_LINES) {
    throw invalid(path, lines.length, `not be there, as ${MOST_LABELS_LINES} are read`, lines.at(-1)!);
  }
  const long = lines.findIndex((line) => line.length > MOST_LINE_LENGTH);
  if (long < 0) return lines;
  throw invalid(path, long + 1, `have at most ${MOST_LINE_LENGTH} characters`, lines[long]!);
}

function invalid(path: string, line: number, expected: string, found: string): ResnetError {
  const shown = found.length > 60 ? `${found.slice(0, 60)}…` : found;
  return new ResnetError(
    'DATA_INVALID',
    `Line ${line} of '${path}' must ${expected}, found '${shown}'. Get the file again.`,
  );
}
