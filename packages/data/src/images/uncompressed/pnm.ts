import type { Uncompressed } from './decode-uncompressed.js';
import { checkPixels, cutOff } from './errors.js';

const [LINE_FEED, HASH, ZERO, NINE] = [10, 35, 48, 57];

/** Opens a PBM, PGM or PPM, of text or of bytes; of 16 bits it keeps the upper eight. @throws Error */
export function openPnm(bytes: Uint8Array): Uncompressed {
  const kind = bytes[1]! - ZERO;
  const isBits = kind % 3 === 1;
  const channels = kind % 3 === 0 ? 3 : 1;
  const header = new Numbers(bytes, 2);
  const [width, height, most] = [header.next(), header.next(), isBits ? 1 : header.next()];
  checkPixels(width, height);
  if (most < 1 || most > 65535) throw new Error(`a highest value of ${most}`);
  const size = width * height * channels;
  // Each value of text takes a digit at least.
  const least = kind <= 3 ? size : isBits ? Math.ceil(width / 8) * height : size * (most > 255 ? 2 : 1);
  // One blank ends the header.
  const start = header.position + 1;
  if (bytes.length - start < least) throw cutOff('pixels');
  const valueAt =
    kind <= 3 ? textValues(header, isBits) : byteValues(bytes.subarray(start), { width, isBits, most });
  return { height, width, decode: () => ({ pixels: pixelsOf(valueAt), height, width, channels: 3 }) };

  function pixelsOf(valueAt: (position: number) => number): Uint8Array {
    const pixels = new Uint8Array(3 * width * height);
    for (let position = 0; position < size; position++) {
      const value = valueAt(position);
      if (value > most) throw new Error(`a value of ${value}, above ${most}`);
      const light = isBits
        ? 255 * (1 - value)
        : most === 65535
          ? value >> 8
          : Math.round((255 * value) / most);
      if (channels === 3) pixels[position] = light;
      else {
        pixels[3 * position] = light;
        pixels[3 * position + 1] = light;
        pixels[3 * position + 2] = light;
      }
    }
    return pixels;
  }
}

/** Values in order. Between bits there need not be blanks. */
function textValues(numbers: Numbers, isBits: boolean): () => number {
  return () => numbers.next(isBits ? 1 : 5);
}

function byteValues(
  bytes: Uint8Array,
  { width, isBits, most }: { width: number; isBits: boolean; most: number },
): (position: number) => number {
  if (most > 255) return (position) => 256 * bytes[2 * position]! + bytes[2 * position + 1]!;
  if (!isBits) return (position) => bytes[position]!;
  const rowBytes = Math.ceil(width / 8);
  return (position) => {
    const column = position % width;
    const byte = bytes[((position - column) / width) * rowBytes + (column >> 3)]!;
    return (byte >> (7 - (column & 7))) & 1;
  };
}

/** Reads decimal numbers between blanks and comments. */
class Numbers {
  constructor(
    private readonly bytes: Uint8Array,
    /** The offset after the last number. */
    public position: number,
  ) {}

  next(mostDigits = 9): number {
    const isDigit = () => this.bytes[this.position]! >= ZERO && this.bytes[this.position]! <= NINE;
    while (!isDigit()) {
      const byte = this.bytes[this.position];
      if (byte === undefined) throw cutOff('numbers');
      if (byte === HASH) {
        while (this.position < this.bytes.length && this.bytes[this.position] !== LINE_FEED) this.position++;
      } else if (byte !== 32 && !(byte >= 9 && byte <= 13)) throw new Error(`the byte ${byte} among numbers`);
      else this.position++;
    }
    let value = 0;
    for (let digit = 0; digit < mostDigits && isDigit(); digit++) {
      value = 10 * value + this.bytes[this.position++]! - ZERO;
    }
    return value;
  }
}
