/** The most bytes that Snappy makes of one: a copy of 64 bytes takes three. */
const MOST_GROWTH = 22;

/**
 * Decompresses Snappy's raw format. (In hyparquet's decompressor a false length can cause an endless loop.)
 *
 * @param size of the result, according to the page's header
 * @throws an Error if the bytes are damaged or make another size
 */
export function unpackSnappy(packed: Uint8Array, size: number): Uint8Array {
  if (size > MOST_GROWTH * packed.length)
    throw new Error(`${size} bytes said to be packed in ${packed.length}`);
  let offset = 0;
  const integer = (bytes: number) => {
    if (offset + bytes > packed.length) throw new Error('packed bytes whose end is missing');
    let value = 0;
    for (let index = 0; index < bytes; index++) value += packed[offset++]! * 2 ** (8 * index);
    return value;
  };

  let announced = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = integer(1);
    announced += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (shift > 28) throw new Error('packed bytes with no size');
  }
  if (announced !== size) throw new Error(`packed bytes of size ${announced} where ${size} are announced`);

  const result = new Uint8Array(size);
  let filled = 0;
  while (offset < packed.length) {
    const tag = integer(1);
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const length = 1 + (short < 60 ? short : integer(short - 59));
      if (length > packed.length - offset || length > size - filled) {
        throw new Error('packed bytes that go beyond the end');
      }
      result.set(packed.subarray(offset, offset + length), filled);
      offset += length;
      filled += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const distance = kind === 1 ? (tag >> 5) * 256 + integer(1) : integer(kind === 2 ? 2 : 4);
    if (distance === 0 || distance > filled || length > size - filled) {
      throw new Error('packed bytes that repeat what is not there');
    }
    // Byte by byte, as what is copied may be what has just been written.
    for (let index = 0; index < length; index++) result[filled + index] = result[filled + index - distance]!;
    filled += length;
  }
  if (filled !== size) throw new Error(`packed bytes that make ${filled} instead of ${size}`);
  return result;
}
