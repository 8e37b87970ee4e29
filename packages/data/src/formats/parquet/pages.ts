import { parquetHeader } from 'hyparquet/src/column.js';
import { checkThrift } from './thrift.js';

/** A page of a column. */
export interface Page {
  header: ReturnType<typeof parquetHeader>;
  /** The offset of its contents in the column's chunk. */
  start: number;
  packedBytes: number;
  /** The bytes of the contents, decompressed. */
  size: number;
  /** The index in the group of its first row. */
  first: number;
  /** The number of its values: that of its rows, except for dictionaries. */
  count: number;
}

export interface Pages {
  dictionary: Page | undefined;
  data: readonly Page[];
}

/** A column in a group of rows. */
export interface Chunk {
  bytes: number;
  /** Of all its pages, unpacked. */
  unpackedBytes: number;
  rows: number;
}

/** The bytes in which a header is looked for, one after the other. Most have some 50, but their statistics may take more. */
const HEADER_BYTES = [2 ** 10, 2 ** 16, 2 ** 22];

/**
 * Finds the pages of a column in a group of rows by their headers. All announced sizes are checked, so that the memory for damaged
 * and hostile files is in proportion to their bytes and rows.
 *
 * @param read gives so many bytes of the chunk from an offset on
 * @throws an Error if the pages are damaged or don't have the group's rows
 */
export async function listPages(
  read: (start: number, length: number) => Uint8Array | Promise<Uint8Array>,
  chunk: Chunk,
): Promise<Pages> {
  const data: Page[] = [];
  let dictionary: Page | undefined;
  let unpackedBytes = 0;
  let empty = 0;
  let first = 0;
  for (let offset = 0; first < chunk.rows; ) {
    const { header, length } = await readHeader(read, offset, chunk.bytes - offset);
    const start = offset + length;
    const { compressed_page_size: packedBytes, uncompressed_page_size: size } = header;
    if (!isCount(packedBytes) || !isCount(size) || packedBytes > chunk.bytes - start) {
      throw new Error(`a page of ${packedBytes} bytes, ${size} unpacked, with ${chunk.bytes - start} left`);
    }
    unpackedBytes += size;
    if (unpackedBytes > chunk.unpackedBytes) {
      throw new Error(`${unpackedBytes} bytes in pages, where ${chunk.unpackedBytes} are announced`);
    }
    offset = start + packedBytes;
    const fields = header.dictionary_page_header ?? header.data_page_header ?? header.data_page_header_v2;
    const count = fields?.num_values;
    const page = { header, start, packedBytes, size, first, count: count ?? 0 };
    if (header.type === 'DICTIONARY_PAGE') {
      if (dictionary || !header.dictionary_page_header || !isCount(count))
        throw new Error('a damaged dictionary');
      dictionary = page;
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const own = header.type === 'DATA_PAGE' ? header.data_page_header : header.data_page_header_v2;
      if (!own || fields !== own || !isCount(count) || count > chunk.rows - first) {
        throw new Error(`a page of ${count} values, with ${chunk.rows - first} rows left`);
      }
      // So that there are no more pages than rows.
      if (count === 0 && ++empty > 1) throw new Error('pages without values');
      if (count > 0) data.push(page);
      first += count;
    } else if (++empty > 1) throw new Error(`pages of the type ${header.type}`);
  }
  return { dictionary, data };
}

async function readHeader(
  read: (start: number, length: number) => Uint8Array | Promise<Uint8Array>,
  offset: number,
  left: number,
): Promise<{ header: Page['header']; length: number }> {
  for (const most of HEADER_BYTES) {
    const bytes = await read(offset, Math.min(most, left));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    try {
      const length = checkThrift(view);
      return { header: parquetHeader({ view, offset: 0 }), length };
    } catch (error) {
      // The header may just be longer than these bytes.
      if (most >= left || most === HEADER_BYTES.at(-1)) throw error;
    }
  }
  throw new Error('no header');
}

export function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && value! >= 0;
}
