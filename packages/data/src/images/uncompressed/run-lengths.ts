import { cutOff } from './errors.js';

/**
 * The palette's entries that a run-length coded BMP holds, a byte each, rows in the file's order. What it leaves out is 0.
 *
 * @param isNibbles whether two entries share a byte
 * @throws Error where it ends early or leaves the image
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
      // Such stretches end at even offsets.
      position += position % 2;
    }
  }
  return entries;
}
