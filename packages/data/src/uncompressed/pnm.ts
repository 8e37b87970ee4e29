import { checkPixels, cutOff } from './checks.js';
import type { Uncompressed } from './decode-uncompressed.js';

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
  const start = header.place + 1;
  if (bytes.length - start < least) throw cutOff('pixels');
  const valueAt =
    kind <= 3 ? textValues(header, isBits) : byteValues(bytes.subarray(start), { width, isBits, most });
  return { height, width, decode: () => ({ pixels: pixelsOf(valueAt), height, width, channels: 3 }) };

  function pixelsOf(valueAt: (place: number) => number): Uint8Array {
    const pixels = new Uint8Array(3 * width * height);
    for (let place = 0; place < size; place++) {
      const value = valueAt(place);
      if (value > most) throw new Error(`a value of ${value}, above ${most}`);
      const light = isBits
        ? 255 * (1 - value)
        : most === 65535
          ? value >> 8
          : Math.round((255 * value) / most);
      if (channels === 3) pixels[place] = light;
      else {
        pixels[3 * place] = light;
        pixels[3 * place + 1] = light;
        pixels[3 * place + 2] = light;
      }
    }
    return pixels;
  }
}

/** Values in their order; those of bits may stand without blanks. */
function textValues(numbers: Numbers, isBits: boolean): () => number {
  return () => numbers.next(isBits ? 1 : 5);
}

function byteValues(
  bytes: Uint8Array,
  { width, isBits, most }: { width: number; isBits: boolean; most: number },
): (place: number) => number {
  if (most > 255) return (place) => 256 * bytes[2 * place]! + bytes[2 * place + 1]!;
  if (!isBits) return (place) => bytes[place]!;
  const rowBytes = Math.ceil(width / 8);
  return (place) => {
    const column = place % width;
    const byte = bytes[((place - column) / width) * rowBytes + (column >> 3)]!;
    return (byte >> (7 - (column & 7))) & 1;
  };
}

/** Numbers of text between blanks and comments. */
class Numbers {
  constructor(
    private readonly bytes: Uint8Array,
    /** Behind the last one. */
    public place: number,
  ) {}

  next(mostDigits = 9): number {
    const isDigit = () => this.bytes[this.place]! >= ZERO && this.bytes[this.place]! <= NINE;
    while (!isDigit()) {
      const byte = this.bytes[this.place];
      if (byte === undefined) throw cutOff('numbers');
      if (byte === HASH) {
        while (this.place < this.bytes.length && this.bytes[this.place] !== LINE_FEED) this.place++;
      } else if (byte !== 32 && !(byte >= 9 && byte <= 13)) throw new Error(`the byte ${byte} among numbers`);
      else this.place++;
    }
    let value = 0;
    for (let digit = 0; digit < mostDigits && isDigit(); digit++) {
      value = 10 * value + this.bytes[this.place++]! - ZERO;
    }
    return value;
  }
}
