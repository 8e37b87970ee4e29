/**
 * Reads integers in Parquet's hybrid encoding of runs and bit-packed groups.
 *
 * @param width the bits of an integer, 0 to 32
 * @returns `count` integers
 * @throws an Error if the bytes end before
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): Uint32Array {
  if (width > 32) throw new Error(`integers of ${width} bits`);
  const values = new Uint32Array(count);
  if (width === 0) return values;
  let offset = 0;
  const byte = () => {
    if (offset >= bytes.length) throw new Error('integers whose end is missing');
    return bytes[offset++]!;
  };
  const varInt = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new Error('an integer of too many bytes');
  };
  for (let filled = 0; filled < count; ) {
    const header = varInt();
    const length = Math.floor(header / 2);
    if (header % 2 === 0) {
      let value = 0;
      for (let bits = 0; bits < width; bits += 8) value += byte() * 2 ** bits;
      const end = Math.min(count, filled + length);
      values.fill(value, filled, end);
      filled = end;
      continue;
    }
    const end = Math.min(count, filled + 8 * length);
    if (Math.ceil(((end - filled) * width) / 8) > bytes.length - offset) {
      throw new Error('integers whose end is missing');
    }
    let bit = 8 * offset;
    for (; filled < end; filled++) {
      let value = 0;
      for (let position = 0; position < width; position++, bit++) {
        value += ((bytes[bit >> 3]! >> (bit & 7)) & 1) * 2 ** position;
      }
      values[filled] = value;
    }
    offset += length * width;
  }
  return values;
}
