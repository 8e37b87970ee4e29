/** Types of Thrift's compact protocol. */
const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12];

/** A value that takes no bytes beyond its type. */
const NOTHING = -1;

/** Far deeper than Parquet's metadata, far below the stack's limit. */
const MOST_DEPTH = 20;

/**
 * The most values in a structure and those nested in it. A value takes some 200 bytes of a parser's memory, even where it is
 * one byte in the file. The footer of a shard of ImageNet has some 4,000.
 */
export const MOST_THRIFT_VALUES = 2 ** 19;

/**
 * Checks that a structure of Thrift's compact protocol lies within the bytes, whatever lengths and counts it claims, and
 * has no more values than a parser that trusts them has memory for.
 *
 * @returns the offset of its end
 * @throws an Error if it doesn't
 */
export function checkThrift(view: DataView): number {
  const checker = new ThriftChecker(view);
  checker.struct(0);
  return checker.offset;
}

/** Reads values without keeping them. */
class ThriftChecker {
  offset = 0;
  #values = 0;

  constructor(private readonly view: DataView) {}

  struct(depth: number): void {
    checkDepth(depth);
    for (;;) {
      const byte = this.#byte();
      const type = byte & 0x0f;
      if (type === 0) return;
      if (byte >> 4 === 0) this.#integer(5);
      // The type of a boolean field is its value. One number may have many such fields.
      this.#value(isBoolean(type) ? NOTHING : type, depth + 1);
    }
  }

  #list(depth: number): void {
    checkDepth(depth);
    const byte = this.#byte();
    const type = byte & 0x0f;
    const count = byte >> 4 === 15 ? this.#length() : byte >> 4;
    // Every value takes at least one byte.
    if (count > this.#left) throw new Error(`a list of ${count} that goes beyond the end`);
    for (let index = 0; index < count; index++) this.#value(isBoolean(type) ? BYTE! : type, depth + 1);
  }

  #value(type: number, depth: number): void {
    if (++this.#values > MOST_THRIFT_VALUES) throw new Error(`more than ${MOST_THRIFT_VALUES} values in it`);
    if (type === NOTHING) return;
    if (type === BYTE) this.#skip(1);
    else if (type === I16 || type === I32) this.#integer(5);
    else if (type === I64) this.#integer(10);
    else if (type === DOUBLE) this.#skip(8);
    else if (type === BINARY) this.#skip(this.#length());
    else if (type === LIST) this.#list(depth);
    else if (type === STRUCT) this.struct(depth);
    else throw new Error(`a value of an unknown type, ${type}`);
  }

  get #left(): number {
    return this.view.byteLength - this.offset;
  }

  #skip(length: number): void {
    if (length > this.#left) throw new Error(`a length of ${length} that goes beyond the end`);
    this.offset += length;
  }

  #byte(): number {
    this.#skip(1);
    return this.view.getUint8(this.offset - 1);
  }

  #integer(mostBytes: number): number {
    let value = 0;
    for (let count = 0; count < mostBytes; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * count);
      if (byte < 0x80) return value;
    }
    throw new Error('an integer of too many bytes');
  }

  #length(): number {
    const value = this.#integer(5);
    // A parser with integers of 32 bits would read it as negative.
    if (value >= 2 ** 31) throw new Error(`a length of ${value}`);
    return value;
  }
}

function isBoolean(type: number): boolean {
  return type === TRUE || type === FALSE;
}

function checkDepth(depth: number): void {
  if (depth > MOST_DEPTH) throw new Error('structures that are nested too deeply');
}
