import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { arrayOf, bytesOf, readNumpyPickle, textOf } from '../formats/numpy-pickle.js';
import { CIFAR_PIXELS, type CifarFormat, type CifarImages, interleave } from './format.js';

const mostKeysNamed = 10;

/**
 * Reads a file of CIFAR's Python version: a pickled dictionary of a numpy array `data`, uint8,
 * `[count, 3072]`, each row an image in planes (all red, all green, all blue), and lists of labels.
 *
 * @param labelIndex which of the format's labels to return
 * @param source the file's name, for messages
 * @param most at most this many images, the first ones
 * @returns images NHWC, `[count, 32, 32, 3]`, 0 to 255, and their labels
 * @throws DATA_INVALID if the file is damaged, asks for anything but numbers, text and arrays, or does not
 *   hold what it should
 */
export function parseCifarPickle(
  format: CifarFormat,
  labelIndex: number,
  bytes: Uint8Array,
  source: string,
  most = Number.POSITIVE_INFINITY,
): CifarImages {
  const advice = `The file is damaged or is not of the ${format.name} Python version: download or unpack it again.`;
  const invalid = (problem: string) =>
    new ResnetError('DATA_INVALID', `${source} must ${problem}. ${advice}`);

  const value = readNumpyPickle(bytes, source, advice);
  if (!(value instanceof Map)) throw invalid('hold a pickled dictionary, found another value');
  const entries = new Map([...value].map(([key, entry]) => [textOf(key), entry]));
  const entryOf = (key: string): unknown => {
    if (entries.has(key)) return entries.get(key);
    const known = [...entries.keys()].filter((name) => name !== undefined);
    const found = known.slice(0, mostKeysNamed).map(quote).join(', ') || 'no names';
    throw invalid(`have the key ${quote(key)}, found ${found}`);
  };

  const { planes, count } = pixels(entryOf('data'), invalid);
  const labels = format.labels.map(({ kind, key, classes }) => {
    const list = entryOf(key);
    if (!Array.isArray(list) || arrayOf(list)) throw invalid(`have a list of ${kind}, found another value`);
    if (list.length !== count) {
      throw invalid(`have one of its ${kind} for each of its ${count} images, found ${list.length}`);
    }
    const wrong = list.findIndex((label) => !isIndex(label, classes.length));
    if (wrong >= 0) {
      throw invalid(
        `have ${kind} from 0 to ${classes.length - 1}, found ${describe(list[wrong])} at index ${wrong} (counted from 0)`,
      );
    }
    return list as number[];
  });

  const kept = Math.min(count, most);
  const images = new Uint8Array(kept * CIFAR_PIXELS);
  for (let start = 0; start < images.length; start += CIFAR_PIXELS) interleave(planes, start, images, start);
  return { images, labels: Uint8Array.from(labels[labelIndex]!.slice(0, kept)), count: kept };
}

/** The planes of all images, one image after the other. */
function pixels(
  value: unknown,
  invalid: (problem: string) => ResnetError,
): { planes: Uint8Array; count: number } {
  const array = arrayOf(value);
  if (array === undefined) throw invalid("have a numpy array as 'data', found another value");
  const { dtype, shape, isFortran } = array;
  if (dtype !== 'u1' && dtype !== '|u1') {
    throw invalid(`have pixels of the numpy type 'u1' (uint8), found ${describe(dtype)}`);
  }
  if (isFortran !== false) {
    throw invalid('have pixels in row-major order, found an array in Fortran order');
  }
  const [count, size] = Array.isArray(shape) && shape.length === 2 ? shape : [];
  if (!Number.isSafeInteger(count) || count < 1 || size !== CIFAR_PIXELS) {
    const found = Array.isArray(shape) ? `[${shape.slice(0, 5).map(describe).join(', ')}]` : describe(shape);
    throw invalid(`have pixels of the shape [count, ${CIFAR_PIXELS}], found ${found}`);
  }
  const planes = bytesOf(array.values);
  if (planes?.length !== count * CIFAR_PIXELS) {
    const found = planes === undefined ? 'another value' : `${planes.length} bytes`;
    throw invalid(`have ${count * CIFAR_PIXELS} bytes of pixels, found ${found}`);
  }
  return { planes, count };
}

function isIndex(value: unknown, count: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;
}

/** A value of the file, short enough for a message. */
function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? quote(value) : 'another value';
}
