/** An entry of a tar archive. */
export interface TarEntry {
  name: string;
  kind: 'file' | 'folder' | 'other';
  /** In bytes. */
  size: number;
  /** A copy of the first bytes of its contents. To be called at most once, before the next entry is requested. */
  read(length: number): Promise<Uint8Array>;
}

const BLOCK = 512;
/** The most bytes of an extension header, such as one with a long name: pax writes a few hundred. */
export const MOST_TAR_HEADER_BYTES = 2 ** 20;
/** Linux's longest path. */
export const MOST_TAR_NAME_BYTES = 4096;

/**
 * The entries of a tar archive (ustar, pax, GNU's long names), one after the other; contents that are not read are skipped.
 * Libraries trust the headers, which can keep a process busy for hours. This reader takes time and memory in proportion to the
 * bytes that come.
 *
 * @throws Error if it is no tar, is damaged or cut off, or has data after its end
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void> {
  const bytes = new ByteReader(chunks);
  try {
    let extension: Extension = {};
    for (;;) {
      const block = await bytes.take(BLOCK);
      if (isZero(block)) {
        if (!isZero(await bytes.take(BLOCK))) throw new Error('Invalid tar header.');
        return await bytes.expectZeros();
      }
      const header = parseHeader(block);
      if (header.type in EXTENSIONS) {
        if (header.size > MOST_TAR_HEADER_BYTES) {
          throw new Error(`a tar header of ${header.size} bytes, where ${MOST_TAR_HEADER_BYTES} can be read`);
        }
        const contents = await bytes.take(header.size);
        await bytes.skip(paddingAfter(header.size));
        extension = { ...extension, ...EXTENSIONS[header.type]!(contents) };
        continue;
      }
      const entry = { ...header, ...extension };
      extension = {};
      const kind = kindOf(entry);
      const total = kind === 'folder' || LINKS_AND_DEVICES.includes(entry.type) ? 0 : entry.size;
      let left = total;
      yield {
        name: entry.name,
        kind,
        size: total,
        async read(length) {
          const taken = await bytes.take(Math.min(length, left));
          left -= taken.length;
          return taken;
        },
      };
      await bytes.skip(left + paddingAfter(total));
    }
  } finally {
    await bytes.close();
  }
}

/** The contents of an extension header, which precedes the header of an entry. */
interface Extension {
  name?: string;
  size?: number;
}

/** Parsers by the type of the header. Headers for all following entries, and those with targets of links, are ignored. */
const EXTENSIONS: Readonly<Record<string, (contents: Uint8Array) => Extension>> = {
  x: parsePax,
  g: () => ({}),
  L: (contents) => ({ name: nameOf(contents) }),
  K: () => ({}),
};

const LINKS_AND_DEVICES = ['1', '2', '3', '4', '6'];

function kindOf({ type, name }: { type: string; name: string }): TarEntry['kind'] {
  if (type === '5') return 'folder';
  if (!['0', '\0', '7'].includes(type)) return 'other';
  return name.endsWith('/') ? 'folder' : 'file';
}

function parseHeader(block: Uint8Array): { name: string; size: number; type: string } {
  let sum = 0;
  for (const [position, byte] of block.entries()) sum += position >= 148 && position < 156 ? 0x20 : byte;
  if (sum !== numberOf(block.subarray(148, 156))) throw new Error('Invalid tar header checksum.');
  const isUstar = textOf(block.subarray(257, 263)) === 'ustar\0';
  const prefix = isUstar ? nameOf(block.subarray(345, 500)) : '';
  const name = nameOf(block.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: numberOf(block.subarray(124, 136)),
    type: String.fromCharCode(block[156]!),
  };
}

/** Octal digits, or a binary number, as GNU writes large ones. */
function numberOf(field: Uint8Array): number {
  let value = 0;
  if (field[0]! & 0x80) {
    value = field[0]! & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
  } else {
    const digits = nameOf(field).replaceAll(' ', '');
    if (!/^[0-7]*$/.test(digits)) throw new Error('Invalid tar number.');
    value = digits === '' ? 0 : Number.parseInt(digits, 8);
  }
  if (!Number.isSafeInteger(value)) throw new Error('Invalid tar number.');
  return value;
}

/** Records of the form 'LENGTH KEY=VALUE\n'. The length is that of the whole record. */
function parsePax(contents: Uint8Array): Extension {
  const found: Extension = {};
  for (let start = 0; start < contents.length; ) {
    const [text, digits] = /^(\d{1,8}) /.exec(textOf(contents.subarray(start, start + 9))) ?? [];
    const end = start + Number(digits);
    if (
      text === undefined ||
      !(end > start + text.length && end <= contents.length) ||
      contents[end - 1] !== 0x0a
    ) {
      throw new Error('Invalid pax header.');
    }
    const record = contents.subarray(start + text.length, end - 1);
    const equals = record.indexOf(0x3d);
    const [key, value] = [textOf(record.subarray(0, equals)), record.subarray(equals + 1)];
    if (key === 'path') found.name = nameOf(value);
    if (key === 'size') {
      found.size = /^\d{1,16}$/.test(textOf(value)) ? Number(textOf(value)) : Number.NaN;
      if (!Number.isSafeInteger(found.size)) throw new Error('Invalid tar number.');
    }
    start = end;
  }
  return found;
}

/** The text before the first zero byte. */
function nameOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  const bytes = end < 0 ? field : field.subarray(0, end);
  if (bytes.length > MOST_TAR_NAME_BYTES) throw new Error(`a name of ${bytes.length} bytes in it`);
  return textOf(bytes);
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function paddingAfter(size: number): number {
  return -size & (BLOCK - 1);
}

/** Reads pieces of any size from chunks. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** A copy of so many bytes. Memory is allocated only after they have come. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.#next(left);
      parts.push(part);
      left -= part.length;
    }
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (const part of parts) {
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) left -= (await this.#next(left)).length;
  }

  /** Reads the rest. @throws Error if it is not all zeros */
  async expectZeros(): Promise<void> {
    do {
      if (!isZero(this.#chunk)) throw new Error('Invalid EOF.');
    } while (await this.#advance());
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** At least one byte, at most so many. */
  async #next(most: number): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      if (!(await this.#advance())) throw new Error('Tar archive is truncated.');
    }
    const part = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(most);
    return part;
  }

  async #advance(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    this.#chunk = done ? new Uint8Array(0) : value;
    return !done;
  }
}
