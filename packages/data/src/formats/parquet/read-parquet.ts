import { basename, join, resolve } from 'node:path';
import { ResnetError, unknownName } from '@resnet/core';
import { quote } from '@resnet/files';
import { listFolder } from '../../folders/image-files.js';
import { isFolder } from '../../folders/kind-at.js';
import { decodeImage } from '../../images/decode-image.node.js';
import { type IndexedDataset, noSuchIndex } from '../../sets/dataset.js';
import { cache } from './cache.js';
import type { Value } from './column.js';
import { openParquet, type ParquetFile } from './file.js';

/** The bytes of pages and of lists of pages that are kept in memory, and the bytes of an entry of such a list. */
const KEPT_BYTES = 2 ** 27;
const KEPT_LIST_BYTES = 2 ** 25;
const PAGE_BYTES = 2 ** 10;

/** The names of ImageNet-21k's classes take 1 MB. */
const MOST_NOTE_LENGTH = 2 ** 22;

/** More than ImageNet-21k has. */
const MOST_CLASSES = 100_000;

export interface ParquetOptions {
  /** The column of the labels: by default `label`, or else `fine_label`. CIFAR-100 also has `coarse_label`. */
  label?: string | undefined;
  /** The part to read, where a folder has files of several: the text before '-00000-of-00005' in their names. */
  part?: string | undefined;
}

/**
 * Reads images from Parquet files of the Hugging Face hub, such as CIFAR and ImageNet: a column `img` or `image` with the bytes of
 * image files, and a column of labels. Class names come from Hugging Face's metadata in the files; without it they are the labels'
 * numbers.
 *
 * All labels are read when the set is opened, and images on demand: a page at a time (some ten images in ImageNet as Hugging Face
 * wrote it). The last pages are kept in memory, up to 128 MB. This is fast in order. When shuffled, every image of a set that
 * doesn't fit costs a page: put large sets into tar shards, and small ones into memory (`readImageSet`).
 *
 * @param source a file, several (the set is in their order), or a folder with files, taken in the order of their names
 * @throws DATA_MISSING if there is no such file, none in the folder, or a shard is missing; DATA_INVALID if a file is
 *   damaged, has no such columns, is compressed by something else than Snappy, or its labels are none of its classes;
 *   UNKNOWN_NAME if there is no such column of labels or part; OPTION_INVALID if a folder has several parts and none is
 *   chosen; FILE_UNREADABLE if the system refuses. Reading an image throws IMAGE_INVALID if it is null or can't be
 *   decoded, and DATA_INVALID if its page is damaged
 */
export async function readParquet(
  source: string | readonly string[],
  options: ParquetOptions = {},
): Promise<IndexedDataset> {
  const paths = typeof source === 'string' ? await filesOf(source, options.part) : source;
  if (paths.length === 0)
    throw new ResnetError('OPTION_INVALID', 'source must name at least one file, found none.');
  const files: ParquetFile[] = [];
  for (const path of paths) files.push(await openParquet(path));
  const [first] = files as [ParquetFile];
  const image = imageColumn(first);
  const label = labelColumn(first, options.label);
  const names = classNames(first, label);
  for (const file of files) checkAlike(file, first, [image, label], names, label);

  const name = typeof source === 'string' ? source : `${basename(paths[0]!)} and ${paths.length - 1} more`;
  const labels = await readLabels(files, label, names?.length);
  const classes =
    names ?? Array.from({ length: 1 + labels.reduce((a, b) => Math.max(a, b), -1) }, (_, id) => `${id}`);
  const starts = startsOf(files);
  const readers = files.map((file) => file.openColumn(image));
  const lists = cache(async (key) => {
    const [file, group] = key.split(' ').map(Number) as [number, number];
    const value = await readers[file]!.pages(group);
    return { value, bytes: PAGE_BYTES * value.data.length };
  }, KEPT_LIST_BYTES);
  const pages = cache(async (key) => {
    const [file, group, page] = key.split(' ').map(Number) as [number, number, number];
    const list = await lists(`${file} ${group}`);
    return readers[file]!.readPage(group, list, list.data[page]!);
  }, KEPT_BYTES);

  const encoded = async (index: number): Promise<{ bytes: Uint8Array; source: string }> => {
    if (!(Number.isInteger(index) && index >= 0 && index < labels.length)) {
      throw noSuchIndex(name, labels.length, index);
    }
    const { file, group, row, fileRow } = locate(starts, index);
    const { data } = await lists(`${file} ${group}`);
    const page = data.findLastIndex(({ first }) => first <= row);
    const value = (await pages(`${file} ${group} ${page}`))[row - data[page]!.first]!;
    const of = `row ${fileRow} of '${paths[file]}'`;
    if (value instanceof Uint8Array) return { bytes: value.slice(), source: of };
    throw new ResnetError(
      'IMAGE_INVALID',
      `${of} must hold the bytes of an image, found none: the file may only name images that lie elsewhere. ` +
        'Get the files with their images embedded.',
    );
  };
  return {
    name,
    count: labels.length,
    classes,
    labels,
    async read(index, admit) {
      const { bytes, source } = await encoded(index);
      return decodeImage(bytes, source, admit);
    },
    encoded: async (index) => (await encoded(index)).bytes,
  };
}

const SHARD = /^(.+?)-(\d{5})-of-(\d{5})(?:-[0-9a-f]+)?\.parquet$/;

/** The parts of the files in a folder; none for a file. */
export async function parquetParts(source: string): Promise<string[]> {
  return (await isFolder(source)) ? [...(await filesByPart(source)).keys()] : [];
}

async function filesByPart(folder: string): Promise<Map<string, string[]>> {
  const { files } = await listFolder(folder);
  const parts = new Map<string, string[]>();
  for (const file of files.filter((name) => name.endsWith('.parquet'))) {
    const of =
      SHARD.exec(file)?.[1] ?? (/^\d+\.parquet$/.test(file) ? '' : file.slice(0, -'.parquet'.length));
    parts.set(of, [...(parts.get(of) ?? []), file]);
  }
  return parts;
}

/** The file itself, or the files of a part in a folder. */
async function filesOf(source: string, part: string | undefined): Promise<string[]> {
  const isOne = !(await isFolder(source));
  if (isOne && part !== undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      `part chooses files of a folder, but '${source}' is none. Leave it out.`,
    );
  }
  if (isOne) return [source];
  const parts = await filesByPart(source);
  const names = [...parts.keys()];
  if (names.length === 0) {
    throw new ResnetError('DATA_MISSING', `'${source}' must hold files that end in .parquet, found none.`);
  }
  if (part === undefined && names.length > 1) {
    throw new ResnetError(
      'OPTION_INVALID',
      `'${source}' has files of several parts: ${names.join(', ')}. Choose one as the part, or name the files.`,
    );
  }
  const chosen = parts.get(part ?? names[0]!);
  // Files that are only numbered are in a folder with the part's name.
  if (!chosen && names.length === 1 && names[0] === '' && basename(resolve(source)) === part)
    return parts.get('')!.map((file) => join(source, file));
  if (!chosen) throw unknownName('part', part!, names);
  checkComplete(source, chosen);
  return chosen.map((file) => join(source, file));
}

function checkComplete(folder: string, files: readonly string[]): void {
  const shards = files.flatMap((file) => {
    const [, , position, count] = SHARD.exec(file) ?? [];
    return position === undefined ? [] : [{ position: Number(position), count: Number(count) }];
  });
  if (shards.length === 0) return;
  const { count } = shards[0]!;
  const isComplete =
    shards.length === count &&
    shards.every((shard, index) => shard.position === index && shard.count === count);
  if (isComplete) return;
  throw new ResnetError(
    'DATA_MISSING',
    `'${folder}' must hold each of the ${count} shards that the names of its files tell of once, found ` +
      `${files.length}: ${files.slice(0, 5).join(', ')}${files.length > 5 ? ', …' : ''}. Get the missing ones, or name ` +
      'the files to read.',
  );
}

function imageColumn({ path, columns }: ParquetFile): string {
  const found = ['image.bytes', 'img.bytes'].find((name) => columns.get(name)?.type === 'BYTE_ARRAY');
  if (found) return found;
  throw new ResnetError(
    'DATA_INVALID',
    `'${path}' must have a column 'image' or 'img' of structures with the field 'bytes', found the columns ` +
      `${namesOf([...columns.keys()])}. Write it with the package datasets, whose Image type is stored so.`,
  );
}

function namesOf(columns: readonly string[]): string {
  const more = columns.length > 8 ? ` and ${columns.length - 8} more` : '';
  return (columns.slice(0, 8).map(quote).join(', ') || 'none') + more;
}

function labelColumn({ path, columns }: ParquetFile, asked: string | undefined): string {
  const integers = [...columns]
    .filter(([, { type }]) => type === 'INT64' || type === 'INT32')
    .map(([name]) => name);
  if (asked !== undefined) {
    if (integers.includes(asked)) return asked;
    throw unknownName(`column of labels in '${path}'`, asked, integers);
  }
  const found = ['label', 'fine_label'].find((name) => integers.includes(name));
  if (found) return found;
  throw new ResnetError(
    'DATA_INVALID',
    `'${path}' must have an integer column 'label' or 'fine_label', found the integer columns ` +
      `${namesOf(integers)}. Name the column of the labels as the option label.`,
  );
}

/** The class names in Hugging Face's metadata. */
function classNames({ path, notes }: ParquetFile, label: string): string[] | undefined {
  const text = notes.get('huggingface');
  if (text === undefined) return undefined;
  let names: unknown;
  try {
    if (text.length > MOST_NOTE_LENGTH) throw new Error(`it has ${text.length} characters`);
    names = JSON.parse(text)?.info?.features?.[label]?.names;
  } catch (cause) {
    throw new ResnetError(
      'DATA_INVALID',
      `What Hugging Face notes in '${path}' must be JSON, found that it is not: ${(cause as Error).message}. ` +
        'Get the file again.',
      { cause },
    );
  }
  if (names === undefined || names === null) return undefined;
  if (Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string'))
    return names;
  throw new ResnetError(
    'DATA_INVALID',
    `The names of the classes that Hugging Face notes in '${path}' must be a list of texts, found something else. ` +
      'Get the file again.',
  );
}

function checkAlike(
  file: ParquetFile,
  first: ParquetFile,
  columns: readonly string[],
  names: readonly string[] | undefined,
  label: string,
): void {
  const missing = columns.find((name) => file.columns.get(name)?.type !== first.columns.get(name)!.type);
  const isAlike = JSON.stringify(classNames(file, label)) === JSON.stringify(names);
  if (missing === undefined && isAlike) return;
  const problem = missing === undefined ? 'other names of classes' : `no such column ${missing}`;
  throw new ResnetError(
    'DATA_INVALID',
    `Files that are read together must be of one data set, but '${file.path}' has ${problem} than '${first.path}'. ` +
      'Read them one by one.',
  );
}

async function readLabels(
  files: readonly ParquetFile[],
  column: string,
  classes = MOST_CLASSES,
): Promise<Int32Array> {
  const parts: Int32Array[] = [];
  for (const file of files) {
    const reader = file.openColumn(column);
    let row = 0;
    for (const group of file.groups.keys()) {
      const values = await reader.readGroup(group);
      parts.push(Int32Array.from(values, (value) => checkLabel(value, classes, file.path, row++)));
    }
  }
  const labels = new Int32Array(parts.reduce((count, { length }) => count + length, 0));
  let filled = 0;
  for (const part of parts) {
    labels.set(part, filled);
    filled += part.length;
  }
  return labels;
}

function checkLabel(value: Value, classes: number, path: string, row: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < classes)
    return value as number;
  const advice =
    value === -1 || value === null ? 'This part has no labels: read another one.' : 'Get the file again.';
  throw new ResnetError(
    'DATA_INVALID',
    `The label in row ${row} of '${path}' must be an integer from 0 to ${classes - 1}, found ${value}. ${advice}`,
  );
}

interface Start {
  file: number;
  group: number;
  /** The first row, of the set and of the file. */
  first: number;
  firstOfFile: number;
}

/** The starts of the groups that have rows. */
function startsOf(files: readonly ParquetFile[]): Start[] {
  const starts: Start[] = [];
  let first = 0;
  for (const [file, { groups }] of files.entries()) {
    let firstOfFile = 0;
    for (const [group, rows] of groups.entries()) {
      if (rows > 0) starts.push({ file, group, first, firstOfFile });
      first += rows;
      firstOfFile += rows;
    }
  }
  return starts;
}

function locate(
  starts: readonly Start[],
  index: number,
): { file: number; group: number; row: number; fileRow: number } {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]!.first <= index) low = middle;
    else high = middle - 1;
  }
  const { file, group, first, firstOfFile } = starts[low]!;
  return { file, group, row: index - first, fileRow: firstOfFile + index - first };
}
