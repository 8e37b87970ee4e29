import { cutOff } from './errors.js';

/**
 * Decodes a run-length coded BMP to palette entries, a byte each, with rows in the file's order. Skipped pixels are 0.
 *
 * @param isNibbles whether two entries share a byte
 * @throws Error if it ends early
 */
export function runLengthDecoded(
  bytes: Uint8Array,
  { width, height }: { width: number; height: number },
  isNibbles: boolean,
): Uint8Array {
  const entries = new Uint8Array(width * height);
  let [position, row, column] = [0, 0, 0];
  const next = () => {
    const value = bytes[position++];
    if (value === undefined) throw cutOff('pixels');
    return value;
  };
  const put = (entry: number) => {
    // Some writers fill the last byte of a row.
    if (row < height && column < width) entries[row * width + column] = entry;
    column++;
  };
  const entryOf = (byte: number, at: number) => (!isNibbles ? byte : at % 2 === 0 ? byte >> 4 : byte & 15);
  while (row < height) {
    const [count, value] = [next(), next()];
    if (count > 0) for (let at = 0; at < count; at++) put(entryOf(value, at));
    else if (value === 0) [row, column] = [row + 1, 0];
    else if (value === 1) break;
    else if (value === 2) [column, row] = [column + next(), row + next()];
    else {
      let byte = 0;
      for (let at = 0; at < value; at++) {
        if (!isNibbles || at % 2 === 0) byte = next();
        put(entryOf(byte, at));
      }
      // Literal runs are padded to even lengths.
      position += position % 2;
    }
  }
  return entries;
}
