import { open } from 'node:fs/promises';
import { ResnetError } from '@resnet/backend/error';
import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { type Chunk, type Column, readColumn, type Value } from './column.js';
import { checkThrift } from './thrift.js';

/** The footer of a shard of ImageNet has some 20 KB. */
const MOST_FOOTER_BYTES = 2 ** 25;

/** Four times the images of ImageNet-21k. */
const MOST_ROWS = 2 ** 26;

/** The rows of a group, and the bytes of a column in one: Hugging Face writes 100 images a group. */
const MOST_GROUP_ROWS = 2 ** 20;
const MOST_GROUP_BYTES = 2 ** 29;

/** A Parquet file whose footer has been read; the rest of it is read by and by. */
export interface ParquetFile {
  path: string;
  /** Columns that don't repeat, by their names joined by dots. */
  columns: ReadonlyMap<string, Column>;
  /** The rows of each group. */
  groups: readonly number[];
  /** What the writer noted, by its key. */
  notes: ReadonlyMap<string, string>;
  /**
   * The values of a column in a group, as views of fresh memory, and how many bytes that takes.
   *
   * @throws DATA_INVALID if the column is damaged there, packed by a codec that can't be read, or too large
   */
  readColumn(name: string, group: number): Promise<{ values: Value[]; bytes: number }>;
}

/**
 * Opens a Parquet file: reads its footer, and no more. Files from strangers are safe to open.
 *
 * @throws DATA_MISSING if there is no such file; DATA_INVALID if it is none of Parquet, cut off or damaged;
 *   FILE_UNREADABLE if the system refuses
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  const size = await sizeOf(path);
  const metadata = await readFooter(path, size);
  try {
    const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
    if (!groups.every((rows) => rows >= 0 && rows <= MOST_GROUP_ROWS)) {
      throw new Error(
        `a group of ${Math.max(...groups)} rows, where ${MOST_GROUP_ROWS} can be read (write it with fewer rows a ` +
          'group: row_group_size=100 in pyarrow)',
      );
    }
    const rows = groups.reduce((sum, count) => sum + count, 0);
    if (rows > MOST_ROWS) throw new Error(`${rows} rows, where ${MOST_ROWS} can be read`);
    const columns = columnsOf(metadata);
    const chunks = metadata.row_groups.map((group) => chunksOf(group, size));
    const notes = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? '']));
    return {
      path,
      columns,
      groups,
      notes,
      async readColumn(name, group) {
        const chunk = chunks[group]!.get(name);
        return readChunk(path, columns.get(name)!, chunk, groups[group]!);
      },
    };
  } catch (cause) {
    throw invalid(path, cause);
  }
}

/** Where a column lies in a group. */
interface Place extends Omit<Chunk, 'rows'> {
  start: number;
  bytes: number;
}

async function readChunk(
  path: string,
  column: Column,
  place: Place | undefined,
  rows: number,
): Promise<{ values: Value[]; bytes: number }> {
  const name = column.path.join('.');
  try {
    if (!place) throw new Error(`a group of rows without the column ${name}`);
    const { codec, start, bytes, unpackedBytes } = place;
    if (codec !== 'UNCOMPRESSED' && codec !== 'SNAPPY') {
      throw new Error(
        `the column ${name} compressed by ${codec}, where Snappy or no compression can be read (write it again, ` +
          "with compression='snappy' in pyarrow)",
      );
    }
    if (bytes > MOST_GROUP_BYTES || unpackedBytes > MOST_GROUP_BYTES) {
      throw new Error(
        `${Math.max(bytes, unpackedBytes)} bytes of ${name} in a group of rows, where ${MOST_GROUP_BYTES} can be ` +
          'read (write it with fewer rows a group: row_group_size=100 in pyarrow)',
      );
    }
    const values = readColumn(await readRange(path, start, bytes), column, { codec, unpackedBytes, rows });
    return { values, bytes: Math.max(bytes, unpackedBytes) };
  } catch (cause) {
    throw ResnetError.is(cause) ? cause : invalid(path, cause);
  }
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
    checkThrift(view, 0);
    return parquetMetadata(footer, { geoparquet: false });
  } catch (cause) {
    throw ResnetError.is(cause) ? cause : invalid(path, cause);
  }
}

/** The columns of the schema, which lists a tree from its root, parents before children. */
function columnsOf({ schema }: FileMetaData): Map<string, Column> {
  const columns = new Map<string, Column>();
  let next = 0;
  const walk = (above: readonly string[], optional: number, repeats: boolean) => {
    const element = schema[next++];
    if (!element || above.length > 20) throw new Error('a schema that is damaged');
    const { name, type, num_children: children = 0, repetition_type: repetition } = element;
    const isRoot = next === 1;
    const path = isRoot ? [] : [...above, name];
    const levels = optional + (isRoot || repetition !== 'OPTIONAL' ? 0 : 1);
    const isRepeated = repeats || (!isRoot && repetition === 'REPEATED');
    for (let child = 0; child < children; child++) walk(path, levels, isRepeated);
    if (children === 0 && type && !isRepeated) columns.set(path.join('.'), { path, type, optional: levels });
  };
  walk([], 0, false);
  return columns;
}

function chunksOf({ columns }: FileMetaData['row_groups'][number], size: number): Map<string, Place> {
  const chunks = new Map<string, Place>();
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

async function sizeOf(path: string): Promise<number> {
  const file = await openFile(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
      if (bytesRead === 0) throw new Error('that its end is missing');
      filled += bytesRead;
    }
    return bytes;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw unreadable(path, cause as Error);
  } finally {
    await file.close();
  }
}

async function openFile(path: string) {
  return open(path, 'r').catch((cause) => {
    if (cause.code !== 'ENOENT') throw unreadable(path, cause);
    throw new ResnetError('DATA_MISSING', `'${path}' must be a Parquet file, found none of this name.`, {
      cause,
    });
  });
}

function unreadable(path: string, cause: Error): ResnetError {
  return new ResnetError('FILE_UNREADABLE', `'${path}' can't be read: ${cause.message}.`, { cause });
}

function invalid(path: string, cause: unknown): ResnetError {
  return new ResnetError(
    'DATA_INVALID',
    `'${path}' must be a whole Parquet file that can be read here, found: ${(cause as Error).message}. ` +
      'If it is not meant to be like that, get it again.',
    { cause },
  );
}
