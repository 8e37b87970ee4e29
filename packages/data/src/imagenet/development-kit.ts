import { stat } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { ResnetError } from '@resnet/core';
import { readRegularFile, unreadable } from '@resnet/files/node';

/** The kit's file has 0.2 MB, and all of its arrays together 2 MB when decompressed. */
export const MOST_KIT_BYTES = 2 ** 22;
export const MOST_UNPACKED_KIT_BYTES = 2 ** 24;

/** The most arrays in the file, fields of a structure, and bytes of a field's name; MATLAB allows 63 letters. */
const MOST_ARRAYS = 1000;
const MOST_FIELDS = 100;
const MOST_NAME_BYTES = 64;

/** Types of elements and classes of arrays, as in "MAT-File Level 5" of MATLAB's documentation. */
const MATRIX = 14;
const COMPRESSED = 15;
const STRUCTURE = 2;

/**
 * The WordNet ids of ILSVRC2012's class numbers, from the development kit's `meta.mat`. The kit's labels are these numbers; they
 * are not in the order of the ids.
 *
 * @throws DATA_MISSING if there is no such file; DATA_INVALID if it is damaged or another file; FILE_UNREADABLE if
 *   the system refuses
 */
export async function readDevelopmentKitIds(path: string): Promise<Map<number, string>> {
  const bytes = await readKit(path);
  try {
    const ids = parse(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    if (ids.size > 0) return ids;
    throw new Error('it has no array of ILSVRC2012_ID and WNID');
  } catch (cause) {
    throw new ResnetError(
      'DATA_INVALID',
      `'${path}' must be the development kit's file of MATLAB that tells the classes' WordNet ids, found: ` +
        `${(cause as Error).message}. Unpack the kit again, or use another file of labels.`,
      { cause },
    );
  }
}

async function readKit(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= MOST_KIT_BYTES) return await readRegularFile(path, MOST_KIT_BYTES);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, cause);
    throw new ResnetError(
      'DATA_MISSING',
      `The development kit's labels are numbers that mean WordNet ids only with its '${path}', which is not there. ` +
        'Put it beside them (it is in ILSVRC2012_devkit_t12/data), or use a file of WordNet ids.',
      { cause },
    );
  }
  throw new ResnetError(
    'DATA_INVALID',
    `The development kit's '${path}' must have at most ${MOST_KIT_BYTES} bytes. Unpack the kit again.`,
  );
}

function parse(file: DataView): Map<number, string> {
  // These two letters show the byte order, and that it is a MAT-file.
  if (file.byteLength < 128 || file.getUint16(126, true) !== 0x4d49) throw new Error('no such file');
  const ids = new Map<number, string>();
  let left = MOST_UNPACKED_KIT_BYTES;
  let arrays = 0;
  for (let offset = 128; offset < file.byteLength; ) {
    if (++arrays > MOST_ARRAYS) throw new Error(`more than ${MOST_ARRAYS} arrays in it`);
    const element = elementAt(file, offset);
    offset = element.end;
    let matrix = element;
    if (element.type === COMPRESSED) {
      const bytes = unpacked(element.data, left);
      left -= bytes.byteLength;
      matrix = elementAt(bytes, 0);
    }
    if (matrix.type === MATRIX) readClasses(matrix.data, ids);
  }
  return ids;
}

function unpacked(data: DataView, most: number): DataView {
  const packed = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (most === 0) throw new Error(`more than ${MOST_UNPACKED_KIT_BYTES} bytes in it`);
  const bytes = inflateSync(packed, { maxOutputLength: most });
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

interface Element {
  type: number;
  data: DataView;
  /** The offset of the next element. */
  end: number;
}

function elementAt(view: DataView, offset: number): Element {
  const first = view.getUint32(offset, true);
  // Up to four bytes of data are stored instead of their length.
  const isShort = first >>> 16 !== 0;
  const type = first & 0xffff;
  const length = isShort ? first >>> 16 : view.getUint32(offset + 4, true);
  const start = offset + (isShort ? 4 : 8);
  const data = new DataView(view.buffer, view.byteOffset + start, length);
  if (start + length > view.byteLength || (isShort && length > 4)) throw new Error('an end that is missing');
  // Data are padded to multiples of eight bytes, unless they are compressed.
  const end = isShort ? offset + 8 : type === COMPRESSED ? start + length : start + 8 * Math.ceil(length / 8);
  return { type, data, end };
}

/** Reads an array of structures, if they have the two fields that describe a class. */
function readClasses(matrix: DataView, ids: Map<number, string>): void {
  const flags = elementAt(matrix, 0);
  if (flags.data.getUint8(0) !== STRUCTURE) return;
  const dimensions = elementAt(matrix, flags.end);
  const name = elementAt(matrix, dimensions.end);
  const nameLength = elementAt(matrix, name.end);
  const names = elementAt(matrix, nameLength.end);
  const width = nameLength.data.getInt32(0, true);
  if (!(width > 0 && width <= MOST_NAME_BYTES)) throw new Error(`names of fields of ${width} bytes`);
  if (names.data.byteLength > MOST_FIELDS * width) throw new Error(`more than ${MOST_FIELDS} fields`);
  const fields: string[] = [];
  for (let start = 0; start + width <= names.data.byteLength; start += width) {
    const bytes = new Uint8Array(names.data.buffer, names.data.byteOffset + start, width);
    fields.push(Buffer.from(bytes).toString('latin1').split('\0')[0]!);
  }
  if (!fields.includes('ILSVRC2012_ID') || !fields.includes('WNID')) return;
  for (let offset = names.end; offset < matrix.byteLength; ) {
    let number: number | undefined;
    let id: string | undefined;
    for (const field of fields) {
      const value = elementAt(matrix, offset);
      offset = value.end;
      if (field === 'ILSVRC2012_ID') number = valuesOf(value.data)[0];
      if (field === 'WNID') id = String.fromCharCode(...valuesOf(value.data));
    }
    if (number === undefined || id === undefined || !/^n\d{8}$/.test(id) || ids.has(number)) {
      throw new Error(`a class of the number ${number} and the WordNet id '${id}'`);
    }
    ids.set(number, id);
  }
}

/** The numbers of an array, or the character codes of a text. */
function valuesOf(matrix: DataView): number[] {
  let offset = 0;
  // Flags, dimensions and the name come first.
  for (let part = 0; part < 3; part++) offset = elementAt(matrix, offset).end;
  const { type, data } = elementAt(matrix, offset);
  const { length, read } = readerOf(type, data);
  const count = data.byteLength / length;
  // What is longer than a WordNet id is neither an id nor a number.
  if (!Number.isInteger(count) || count > 9) throw new Error(`${count} values in place of one`);
  return Array.from({ length: count }, (_, index) => read(index * length));
}

function readerOf(type: number, data: DataView): { length: number; read: (offset: number) => number } {
  switch (type) {
    case 1:
    case 2:
    case 16:
      return { length: 1, read: (offset) => data.getUint8(offset) };
    case 3:
    case 4:
    case 17:
      return { length: 2, read: (offset) => data.getUint16(offset, true) };
    case 5:
    case 6:
      return { length: 4, read: (offset) => data.getUint32(offset, true) };
    case 7:
      return { length: 4, read: (offset) => data.getFloat32(offset, true) };
    case 9:
      return { length: 8, read: (offset) => data.getFloat64(offset, true) };
    case 12:
    case 13:
      return { length: 8, read: (offset) => Number(data.getBigInt64(offset, true)) };
    default:
      throw new Error(`values of an unknown type, ${type}`);
  }
}
