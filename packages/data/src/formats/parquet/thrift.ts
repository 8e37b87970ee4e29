/** Types of Thrift's compact protocol. */
const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12];

/** What takes no bytes of its own. */
const NOTHING = -1;

/** Far deeper than Parquet's metadata, far below what the stack holds. */
const MOST_DEPTH = 20;

/**
 * Values in one structure and those within it; of no bytes but their type, each takes some 200 in a parser's memory. The footer
 * of a shard of ImageNet has some 4,000.
 */
export const MOST_THRIFT_VALUES = 2 ** 19;

/**
 * Checks that a structure of Thrift's compact protocol lies within the bytes, however its lengths and counts were
 * made up, and has no more values than a parser that trusts them has memory for.
 *
 * @returns where it ends
 * @throws an Error if it doesn't
 */
export function checkThrift(view: DataView, start: number): number {
  let offset = start;
  let values = 0;

  const skip = (length: number) => {
    if (length > view.byteLength - offset) throw new Error(`a length of ${length} that goes beyond the end`);
    offset += length;
  };
  const varInt = (mostBytes: number) => {
    let value = 0;
    for (let count = 0; count < mostBytes; count++) {
      skip(1);
      const byte = view.getUint8(offset - 1);
      value += (byte & 0x7f) * 2 ** (7 * count);
      if (byte < 0x80) return value;
    }
    throw new Error('an integer of too many bytes');
  };
  const length = () => {
    const value = varInt(5);
    // A parser with integers of 32 bits would read it as negative.
    if (value >= 2 ** 31) throw new Error(`a length of ${value}`);
    return value;
  };

  const element = (type: number, depth: number): void => {
    if (++values > MOST_THRIFT_VALUES) throw new Error(`more than ${MOST_THRIFT_VALUES} values in it`);
    switch (type) {
      case NOTHING:
        return;
      case BYTE:
        skip(1);
        return;
      case I16:
      case I32:
        varInt(5);
        return;
      case I64:
        varInt(10);
        return;
      case DOUBLE:
        skip(8);
        return;
      case BINARY:
        skip(length());
        return;
      case LIST:
        list(depth);
        return;
      case STRUCT:
        struct(depth);
        return;
      default:
        throw new Error(`a value of an unknown type, ${type}`);
    }
  };
  const list = (depth: number) => {
    if (depth > MOST_DEPTH) throw new Error('structures that are nested too deeply');
    skip(1);
    const byte = view.getUint8(offset - 1);
    const type = byte & 0x0f;
    const count = byte >> 4 === 15 ? length() : byte >> 4;
    // Every value takes at least one byte.
    if (count > view.byteLength - offset) throw new Error(`a list of ${count} that goes beyond the end`);
    for (let index = 0; index < count; index++) {
      element(type === TRUE || type === FALSE ? BYTE! : type, depth + 1);
    }
  };
  const struct = (depth: number) => {
    if (depth > MOST_DEPTH) throw new Error('structures that are nested too deeply');
    for (;;) {
      skip(1);
      const byte = view.getUint8(offset - 1);
      const type = byte & 0x0f;
      if (type === 0) return;
      if (byte >> 4 === 0) varInt(5);
      // The type is the value of a field that is true or false, of which there may be many of one number.
      element(type === TRUE || type === FALSE ? NOTHING : type, depth + 1);
    }
  };

  struct(0);
  return offset;
}
