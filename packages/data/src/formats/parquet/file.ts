import { ResnetError } from '@resnet/core';
import { type CompressionCodec, type FileMetaData, parquetMetadata } from 'hyparquet';
import { type Column, readPage, type Value } from './column.js';
import { type Chunk, listPages, type Page, type Pages } from './pages.js';
import { readRange, sizeOf } from './read-range.js';
import { checkThrift } from './thrift.js';

/** The footer of a shard of ImageNet has some 20 KB. */
export const MOST_FOOTER_BYTES = 2 ** 24;

/** Four times the images of ImageNet-21k. */
const MOST_ROWS = 2 ** 26;

/** The most elements of a schema (columns and structures), and the most characters of a name. */
const MOST_SCHEMA_ELEMENTS = 10_000;
const MOST_NAME_LENGTH = 256;

/** The most rows of a group, and the most bytes of a column in a group: Hugging Face writes 100 images per group. */
const MOST_GROUP_ROWS = 2 ** 20;
const MOST_GROUP_BYTES = 2 ** 29;

/** A Parquet file whose footer has been read; the rest is read on demand. */
export interface ParquetFile {
  path: string;
  /** Columns without repetition, by their path joined by dots. */
  columns: ReadonlyMap<string, Column>;
  /** The rows of each group. */
  groups: readonly number[];
  /** The writer's metadata, by key. */
  notes: ReadonlyMap<string, string>;
  /**
   * Prepares a column for reading.
   *
   * @throws DATA_INVALID if a group lacks it, or has it too large or compressed by a codec that can't be read
   */
  openColumn(name: string): ColumnReader;
}

/** Its methods throw DATA_INVALID if the column is damaged, and FILE_UNREADABLE. */
export interface ColumnReader {
  /** All values of a group. */
  readGroup(group: number): Promise<Value[]>;
  /** The pages of a group, without their values. */
  pages(group: number): Promise<Pages>;
  /** The values of a page, as views of new memory of so many bytes. */
  readPage(group: number, pages: Pages, page: Page): Promise<{ value: Value[]; bytes: number }>;
}

/**
 * Opens a Parquet file: reads its footer only. Untrusted files are safe to open.
 *
 * @throws DATA_MISSING if there is no such file; DATA_INVALID if it is no Parquet file, cut off or damaged;
 *   FILE_UNREADABLE if the system refuses
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  const size = await sizeOf(path);
  const metadata = await readFooter(path, size);
  try {
    const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
    const wrong = groups.find((rows) => !(rows >= 0 && rows <= MOST_GROUP_ROWS));
    if (wrong !== undefined) {
      throw new Error(
        `a group of ${wrong} rows, where ${MOST_GROUP_ROWS} can be read (write it with fewer rows a ` +
          'group: row_group_size=100 in pyarrow)',
      );
    }
    const rows = groups.reduce((sum, count) => sum + count, 0);
    // An image takes bytes, but labels that are all the same take none.
    const most = Math.min(MOST_ROWS, size);
    if (rows > most) throw new Error(`${rows} rows in ${size} bytes, where ${most} can be read`);
    const columns = columnsOf(metadata);
    const chunks = metadata.row_groups.map((group) => chunksOf(group, size));
    const notes = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? '']));
    return {
      path,
      columns,
      groups,
      notes,
      openColumn(name) {
        const sized = chunks.map((chunk, group) => checkChunk(path, name, chunk.get(name), groups[group]!));
        return columnReader(path, columns.get(name)!, sized);
      },
    };
  } catch (cause) {
    throw invalid(path, cause);
  }
}

/** A column in a group: where it is, and how it is compressed. */
interface SizedChunk extends Chunk {
  codec: CompressionCodec;
  start: number;
}

function checkChunk(
  path: string,
  name: string,
  chunk: Omit<SizedChunk, 'rows'> | undefined,
  rows: number,
): SizedChunk {
  if (!chunk) throw invalid(path, new Error(`a group of rows without the column ${name}`));
  const { codec, bytes, unpackedBytes } = chunk;
  if (codec !== 'UNCOMPRESSED' && codec !== 'SNAPPY') {
    throw invalid(
      path,
      new Error(
        `the column ${name} compressed by ${codec}, where Snappy or no compression can be read (write it again, ` +
          "with compression='snappy' in pyarrow)",
      ),
    );
  }
  const most = Math.max(bytes, unpackedBytes);
  if (most <= MOST_GROUP_BYTES) return { ...chunk, rows };
  throw invalid(
    path,
    new Error(
      `${most} bytes of ${name} in a group of rows, where ${MOST_GROUP_BYTES} can be read (write it with fewer rows ` +
        'a group: row_group_size=100 in pyarrow)',
    ),
  );
}

function columnReader(path: string, column: Column, sized: readonly SizedChunk[]): ColumnReader {
  const reading = <Result>(work: Promise<Result>) =>
    work.catch((cause) => {
      throw ResnetError.is(cause) ? cause : invalid(path, cause);
    });
  const decode = async (
    { codec }: SizedChunk,
    read: (start: number, length: number) => Uint8Array | Promise<Uint8Array>,
    { dictionary }: Pages,
    pages: readonly Page[],
  ) => {
    const contents = ({ start, packedBytes }: Page) => read(start, packedBytes);
    const entries = dictionary && readPage(await contents(dictionary), dictionary, column, codec, undefined);
    const values: Value[] = [];
    for (const page of pages) {
      for (const value of readPage(await contents(page), page, column, codec, entries)) values.push(value);
    }
    return values;
  };
  const readOf =
    ({ start: base }: SizedChunk) =>
    (start: number, length: number) =>
      readRange(path, base + start, length);

  return {
    readGroup: (group) =>
      reading(
        (async () => {
          const chunk = sized[group]!;
          const bytes = await readOf(chunk)(0, chunk.bytes);
          const read = (start: number, length: number) => bytes.subarray(start, start + length);
          const pages = await listPages(read, chunk);
          return decode(chunk, read, pages, pages.data);
        })(),
      ),
    pages: (group) => reading(listPages(readOf(sized[group]!), sized[group]!)),
    readPage: (group, pages, page) =>
      reading(
        (async () => {
          const value = await decode(sized[group]!, readOf(sized[group]!), pages, [page]);
          return { value, bytes: page.size + (pages.dictionary?.size ?? 0) };
        })(),
      ),
  };
}

async function readFooter(path: string, size: number): Promise<FileMetaData> {
  try {
    if (size < 12) throw new Error(`only ${size} bytes`);
    const tail = await readRange(path, size - 8, 8);
    const mark = String.fromCharCode(...tail.subarray(4));
    if (mark !== 'PAR1') throw new Error(mark === 'PARE' ? 'that it is encrypted' : 'another end than PAR1');
    const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
    if (length > size - 12 || length > MOST_FOOTER_BYTES) throw new Error(`a footer of ${length} bytes`);
    const footer = await readRange(path, size - 8 - length, length + 8);
    const view = new DataView(footer.buffer, footer.byteOffset, length);
    checkThrift(view);
    return parquetMetadata(footer, { geoparquet: false });
  } catch (cause) {
    throw ResnetError.is(cause) ? cause : invalid(path, cause);
  }
}

/** The columns of the schema, which lists a tree from its root, parents before children. */
function columnsOf({ schema }: FileMetaData): Map<string, Column> {
  if (schema.length > MOST_SCHEMA_ELEMENTS) throw new Error(`a schema of ${schema.length} elements`);
  const columns = new Map<string, Column>();
  let next = 0;
  const walk = (above: readonly string[], optional: number, repeats: boolean) => {
    const element = schema[next++];
    if (!element || above.length > 20) throw new Error('a schema that is damaged');
    const { name, type, num_children: children = 0, repetition_type: repetition } = element;
    const isRoot = next === 1;
    if (!isRoot && !(name?.length <= MOST_NAME_LENGTH)) throw new Error('a column without a short name');
    const path = isRoot ? [] : [...above, name];
    const levels = optional + (isRoot || repetition !== 'OPTIONAL' ? 0 : 1);
    const isRepeated = repeats || (!isRoot && repetition === 'REPEATED');
    for (let child = 0; child < children; child++) walk(path, levels, isRepeated);
    if (children === 0 && type && !isRepeated) columns.set(path.join('.'), { path, type, optional: levels });
  };
  walk([], 0, false);
  return columns;
}

function chunksOf(
  { columns }: FileMetaData['row_groups'][number],
  size: number,
): Map<string, Omit<SizedChunk, 'rows'>> {
  const chunks = new Map<string, Omit<SizedChunk, 'rows'>>();
  for (const { meta_data: meta, file_path: otherFile } of columns) {
    if (!meta || otherFile) throw new Error('columns that are encrypted or in other files');
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const bytes = Number(meta.total_compressed_size);
    if (!(start >= 0 && bytes >= 0 && start + bytes <= size)) {
      throw new Error(
        `a column from byte ${start} on with ${bytes} bytes, in a file of ${size}: its end is missing`,
      );
    }
    const unpackedBytes = Number(meta.total_uncompressed_size);
    chunks.set(meta.path_in_schema.join('.'), { codec: meta.codec, start, bytes, unpackedBytes });
  }
  return chunks;
}

function invalid(path: string, cause: unknown): ResnetError {
  return new ResnetError(
    'DATA_INVALID',
    `'${path}' must be a whole Parquet file that can be read here, found: ${(cause as Error).message}. ` +
      'If it is not meant to be like that, get it again.',
    { cause },
  );
}
