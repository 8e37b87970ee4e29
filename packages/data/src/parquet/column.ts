import { parquetHeader } from 'hyparquet/src/column.js';
import type { CompressionCodec, ParquetType } from 'hyparquet/src/types.js';
import { readHybrid } from './levels.js';
import { unpackSnappy } from './snappy.js';
import { checkThrift } from './thrift.js';

/** A column that doesn't repeat, perhaps of a structure. */
export interface Column {
  /** Names from the root, such as 'image', 'bytes'. */
  path: readonly string[];
  type: ParquetType;
  /** How many of the names may be null, this one among them. */
  optional: number;
}

export type Value = Uint8Array | number | null;

type PageHeader = ReturnType<typeof parquetHeader>;

/** A column in a group of rows. */
export interface Chunk {
  codec: CompressionCodec;
  /** Of all its pages, unpacked. */
  unpackedBytes: number;
  rows: number;
}

/**
 * Reads the values of a column in a group of rows. All sizes that the pages announce are checked before anything of
 * that size is made: damaged and hostile files take no more memory than in proportion to their bytes and rows.
 *
 * @param bytes the chunk in the file
 * @returns `rows` values: numbers, or views of the unpacked pages
 * @throws an Error if the pages are damaged or of a kind that is not read here
 */
export function readColumn(bytes: Uint8Array, column: Column, chunk: Chunk): Value[] {
  const { codec, rows } = chunk;
  let unpackedBytes = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Value[] = [];
  let dictionary: Value[] | undefined;
  for (let offset = 0; values.length < rows; ) {
    const start = checkThrift(view, offset);
    const header = parquetHeader({ view, offset });
    const { compressed_page_size: packed, uncompressed_page_size: size } = header;
    if (!isCount(packed) || !isCount(size) || packed > bytes.length - start) {
      throw new Error(`a page of ${packed} bytes, ${size} unpacked, with ${bytes.length - start} left`);
    }
    unpackedBytes += size;
    if (unpackedBytes > chunk.unpackedBytes) {
      throw new Error(`${unpackedBytes} bytes in pages, where ${chunk.unpackedBytes} are announced`);
    }
    offset = start + packed;
    const page = bytes.subarray(start, offset);
    if (header.type === 'DICTIONARY_PAGE') {
      if (dictionary) throw new Error('two dictionaries');
      const count = header.dictionary_page_header?.num_values;
      if (!isCount(count)) throw new Error(`a dictionary of ${count} values`);
      dictionary = readPlain(unpack(page, size, codec), column, count);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const count = (header.data_page_header ?? header.data_page_header_v2)?.num_values;
      if (!isCount(count) || count > rows - values.length)
        throw new Error(`a page of ${count} values too many`);
      const read = header.type === 'DATA_PAGE' ? readPage : readPage2;
      for (const value of read(page, header, { column, codec, count, dictionary })) values.push(value);
    }
  }
  return values;
}

interface PageContext {
  column: Column;
  codec: CompressionCodec;
  count: number;
  dictionary: readonly Value[] | undefined;
}

function readPage(page: Uint8Array, header: PageHeader, context: PageContext): Value[] {
  const { column, codec, count } = context;
  const bytes = unpack(page, header.uncompressed_page_size, codec);
  const { encoding } = header.data_page_header!;
  if (column.optional === 0) return readValues(bytes, encoding, count, context);
  const length = lengthAt(bytes, 0);
  const levels = readHybrid(bytes.subarray(4, 4 + length), widthOf(column.optional), count);
  return withNulls(levels, bytes.subarray(4 + length), encoding, context);
}

function readPage2(page: Uint8Array, header: PageHeader, context: PageContext): Value[] {
  const { column, codec, count } = context;
  const fields = header.data_page_header_v2!;
  const { definition_levels_byte_length: length, repetition_levels_byte_length: repetitions } = fields;
  if (repetitions !== 0) throw new Error('levels of repetition');
  if (!isCount(length) || length > page.length || length > header.uncompressed_page_size) {
    throw new Error(`levels of ${length} bytes`);
  }
  const packed = page.subarray(length);
  const bytes =
    fields.is_compressed === false ? packed : unpack(packed, header.uncompressed_page_size - length, codec);
  if (column.optional === 0) return readValues(bytes, fields.encoding, count, context);
  const levels = readHybrid(page.subarray(0, length), widthOf(column.optional), count);
  return withNulls(levels, bytes, fields.encoding, context);
}

/** Only values that are no nulls are stored. */
function withNulls(levels: Uint32Array, bytes: Uint8Array, encoding: string, context: PageContext): Value[] {
  const isThere = (level: number) => level === context.column.optional;
  const stored = readValues(bytes, encoding, levels.filter(isThere).length, context);
  let next = 0;
  return Array.from(levels, (level) => (isThere(level) ? stored[next++]! : null));
}

function readValues(
  bytes: Uint8Array,
  encoding: string,
  count: number,
  { column, dictionary }: PageContext,
): Value[] {
  if (encoding === 'PLAIN') return readPlain(bytes, column, count);
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY') {
    throw new Error(`the encoding ${encoding}, where PLAIN and RLE_DICTIONARY can be read`);
  }
  if (!dictionary) throw new Error('no dictionary');
  if (count === 0) return [];
  if (bytes.length === 0) throw new Error('integers whose end is missing');
  const places = readHybrid(bytes.subarray(1), bytes[0]!, count);
  return Array.from(places, (place) => {
    const value = dictionary[place];
    if (value === undefined) throw new Error(`place ${place} of a dictionary of ${dictionary.length}`);
    return value;
  });
}

function readPlain(bytes: Uint8Array, { type }: Column, count: number): Value[] {
  const size = type === 'BYTE_ARRAY' || type === 'INT32' ? 4 : 8;
  if (count * size > bytes.length) throw new Error(`${count} values in ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Value[] = [];
  let offset = 0;
  for (let index = 0; index < count; index++) {
    if (type === 'INT32') values.push(view.getInt32(4 * index, true));
    else if (type === 'INT64') values.push(Number(view.getBigInt64(8 * index, true)));
    else if (type === 'BYTE_ARRAY') {
      const length = lengthAt(bytes, offset);
      offset += 4 + length;
      values.push(bytes.subarray(offset - length, offset));
    } else throw new Error(`values of type ${type}`);
  }
  return values;
}

/** A length that stands before as many bytes. */
function lengthAt(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(offset, true);
  if (length > bytes.length - offset - 4) throw new Error(`a length of ${length} that goes beyond the end`);
  return length;
}

function unpack(page: Uint8Array, size: number, codec: CompressionCodec): Uint8Array {
  if (codec === 'SNAPPY') return unpackSnappy(page, size);
  if (page.length !== size) throw new Error(`a page of ${page.length} bytes where ${size} are announced`);
  return page;
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && value! >= 0;
}

/** Bits of the integers from 0 to `most`. */
function widthOf(most: number): number {
  return 32 - Math.clz32(most);
}
