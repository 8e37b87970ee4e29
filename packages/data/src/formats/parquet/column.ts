import type { CompressionCodec, ParquetType } from 'hyparquet/src/types.js';
import { readHybrid } from './levels.js';
import { isCount, type Page } from './pages.js';
import { unpackSnappy } from './snappy.js';

/** A column without repetition, perhaps a field of a structure. */
export interface Column {
  /** Names from the root, such as 'image', 'bytes'. */
  path: readonly string[];
  type: ParquetType;
  /** How many of the path's elements may be null, the column itself included. */
  optional: number;
}

export type Value = Uint8Array | number | null;

/**
 * The values of a page: numbers, or views of the unpacked page.
 *
 * @param bytes the page without its header
 * @throws an Error if it is damaged or of a kind that is not read here
 */
export function readPage(
  bytes: Uint8Array,
  page: Page,
  column: Column,
  codec: CompressionCodec,
  dictionary: readonly Value[] | undefined,
): Value[] {
  const context = { column, codec, count: page.count, dictionary };
  if (page.header.type === 'DICTIONARY_PAGE') {
    return readPlain(unpack(bytes, page.size, codec), column, page.count);
  }
  return (page.header.type === 'DATA_PAGE' ? readPage1 : readPage2)(bytes, page.header, context);
}

interface PageContext {
  column: Column;
  codec: CompressionCodec;
  count: number;
  dictionary: readonly Value[] | undefined;
}

function readPage1(page: Uint8Array, header: Page['header'], context: PageContext): Value[] {
  const { column, codec, count } = context;
  const bytes = unpack(page, header.uncompressed_page_size, codec);
  const { encoding } = header.data_page_header!;
  if (column.optional === 0) return readValues(bytes, encoding, count, context);
  const length = lengthAt(bytes, 0);
  const levels = readHybrid(bytes.subarray(4, 4 + length), widthOf(column.optional), count);
  return withNulls(levels, bytes.subarray(4 + length), encoding, context);
}

function readPage2(page: Uint8Array, header: Page['header'], context: PageContext): Value[] {
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

/** Adds the nulls, which are not stored. */
function withNulls(levels: Uint32Array, bytes: Uint8Array, encoding: string, context: PageContext): Value[] {
  const isPresent = (level: number) => level === context.column.optional;
  const stored = readValues(bytes, encoding, levels.filter(isPresent).length, context);
  let next = 0;
  return Array.from(levels, (level) => (isPresent(level) ? stored[next++]! : null));
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
  const positions = readHybrid(bytes.subarray(1), bytes[0]!, count);
  return Array.from(positions, (position) => {
    const value = dictionary[position];
    if (value === undefined) throw new Error(`index ${position} of a dictionary of ${dictionary.length}`);
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

/** The length before so many bytes. */
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

/** The bits of an integer from 0 to `most`. */
function widthOf(most: number): number {
  return 32 - Math.clz32(most);
}
