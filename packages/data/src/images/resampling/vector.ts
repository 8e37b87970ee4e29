import type { Image } from '../image.js';
import type { Across, ResizeModule } from './resize-module.js';
import { sourceOf, type Weights } from './weights.js';

/** The most bytes of the module's memory, which is never freed. */
const MOST_MEMORY = 64 * 2 ** 20;
const PAGE = 2 ** 16;
/** Source rows are copied in pieces that fit into the processor's first-level cache. */
const COPIED_BYTES = 16 * 2 ** 10;
/** The rows of a horizontal pass at a time. */
const ROWS = 4;
/** The rows, or pixels of several channels, that are added at a time; and the pixels of one channel. */
const PAIR = 2;
const EIGHT = 8;
/** How many bytes vectors read or write beyond the end. */
const SLACK = 32;

/**
 * Resizes in WebAssembly, to the same bytes as `resampleScalar`. Large results are made in bands, so that the memory
 * stays small.
 *
 * @param corner of the region of the image that the weights are for
 * @param mostMemory bytes
 * @returns undefined for numbers of channels other than 1, 3 and 4, or if one row takes more memory than there is
 */
export function resampleVector(
  module: ResizeModule,
  image: Image,
  corner: { top: number; left: number },
  across: Weights,
  down: Weights,
  mostMemory: number = MOST_MEMORY,
): Image | undefined {
  const { channels } = image;
  const makeAcross = passOf(module, channels);
  if (!makeAcross) return undefined;

  const width = across.starts.length;
  const height = down.starts.length;
  const rowBytes = width * channels;
  const columns = sourceOf(across, 0, width);
  const sourceBytes = (columns.last - columns.first) * channels;
  const copiedRows = Math.max(ROWS, Math.floor(COPIED_BYTES / sourceBytes / ROWS) * ROWS);
  const stride = rowBytes + SLACK;
  const taps = channels === 1 ? EIGHT : PAIR;
  const groupsAcross = groupsOf(across, taps);
  const groupsDown = groupsOf(down, PAIR);

  let end = 0;
  const position = (bytes: number) => {
    const address = end;
    end = Math.ceil((end + bytes) / 16) * 16;
    return address;
  };
  const startsAcross = position(4 * width);
  const weightsAcross = position(4 * width * groupsAcross * taps);
  const startsDown = position(4 * height);
  const weightsDown = position(4 * height * groupsDown * PAIR);
  // Groups go beyond the last row, with weights of zero.
  const source = position(copiedRows * sourceBytes + groupsAcross * taps * channels + SLACK);
  const middle = end;
  const rowsOf = (first: number, last: number) => {
    const rows = sourceOf(down, first, last);
    return rows.last - rows.first + ROWS + groupsDown * PAIR;
  };
  const bytesOf = (first: number, last: number) =>
    middle + rowsOf(first, last) * stride + (last - first) * rowBytes + 2 * SLACK;
  const bands = bandsOf(height, (first, last) => bytesOf(first, last) <= mostMemory);
  const needed = Math.max(...bands.map(({ first, last }) => bytesOf(first, last)));
  if (needed > mostMemory || !hasMemory(module, needed)) return undefined;

  const bytes = new Uint8Array(module.memory.buffer);
  writeStarts(module, startsAcross, across.starts, columns.first, channels);
  writeWeights(module, weightsAcross, across, taps, groupsAcross);
  writeWeights(module, weightsDown, down, PAIR, groupsDown);
  const pixels = new Uint8Array(height * rowBytes);
  for (const { first, last } of bands) {
    const rows = sourceOf(down, first, last);
    for (let row = rows.first; row < rows.last; row += copiedRows) {
      const count = Math.min(copiedRows, rows.last - row);
      for (let index = 0; index < count; index++) {
        const from = ((corner.top + row + index) * image.width + corner.left + columns.first) * channels;
        bytes.set(image.pixels.subarray(from, from + sourceBytes), source + index * sourceBytes);
      }
      const to = middle + (row - rows.first) * stride;
      makeAcross(source, sourceBytes, to, stride, count, width, startsAcross, weightsAcross, groupsAcross);
    }
    const result = middle + rowsOf(first, last) * stride;
    const weights = weightsDown + 4 * first * groupsDown * PAIR;
    writeStarts(module, startsDown, down.starts.subarray(first, last), rows.first, stride);
    module.down(middle, stride, result, rowBytes, last - first, startsDown, weights, groupsDown);
    pixels.set(bytes.subarray(result, result + (last - first) * rowBytes), first * rowBytes);
  }
  return { pixels, height, width, channels };
}

function passOf(module: ResizeModule, channels: number): Across | undefined {
  if (channels === 1) return module.across1;
  if (channels === 3) return module.across3;
  return channels === 4 ? module.across4 : undefined;
}

function groupsOf({ counts }: Weights, taps: number): number {
  let most = 1;
  for (const count of counts) most = Math.max(most, count);
  return Math.ceil(most / taps);
}

interface Band {
  first: number;
  last: number;
}

/** Bands of as many target rows as fit, and of at least one. */
function bandsOf(height: number, fits: (first: number, last: number) => boolean): Band[] {
  if (fits(0, height)) return [{ first: 0, last: height }];
  const bands: Band[] = [];
  for (let first = 0, last = 1; first < height; first = last++) {
    while (last < height && fits(first, last + 1)) last++;
    bands.push({ first, last });
  }
  return bands;
}

function hasMemory({ memory }: ResizeModule, bytes: number): boolean {
  const missing = bytes - memory.buffer.byteLength;
  if (missing <= 0) return true;
  try {
    memory.grow(Math.ceil(missing / PAGE));
    return true;
  } catch {
    return false;
  }
}

/** @param step bytes from one source pixel or row to the next */
function writeStarts(
  { memory }: ResizeModule,
  address: number,
  starts: Int32Array,
  first: number,
  step: number,
): void {
  const words = new Int32Array(memory.buffer, address, starts.length);
  for (let position = 0; position < starts.length; position++)
    words[position] = (starts[position]! - first) * step;
}

/** Each weight is 65536 times a high half and a low one; each group has its low halves, then its high ones. */
function writeWeights(
  { memory }: ResizeModule,
  address: number,
  { counts, values, most }: Weights,
  taps: number,
  groups: number,
): void {
  const halves = new Int16Array(memory.buffer, address, counts.length * groups * taps * 2).fill(0);
  for (let position = 0; position < counts.length; position++) {
    for (let index = 0; index < counts[position]!; index++) {
      const value = values[position * most + index]!;
      const inGroup = index % taps;
      const at = (position * groups * taps + index - inGroup) * 2 + inGroup;
      halves[at] = value;
      halves[at + taps] = (value + 0x8000) >> 16;
    }
  }
}
