import type { Random } from '../../packages/core/src/index.js';

/** Repeated parts of repeated parts would fill this program's own memory. */
const MOST_BYTES = 2 ** 18;

/** Bytes with none to four changes, of the kinds that break parsers. @param bases of which parts are put in */
export function mutated(bases: readonly Uint8Array[], random: Random, isText: boolean): Uint8Array {
  let bytes: Uint8Array = one(bases, random).slice();
  const kinds = isText ? [...ofBytes, ...ofText, ...ofText] : ofBytes;
  for (let times = random.int(5); times > 0 && bytes.length < MOST_BYTES; times--) {
    bytes = one(kinds, random)(bytes, random, bases);
  }
  return bytes;
}

export const one = <T>(list: readonly T[], random: Random): T => list[random.int(list.length)]!;

type Mutation = (bytes: Uint8Array, random: Random, bases: readonly Uint8Array[]) => Uint8Array;

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A part of up to so many bytes. */
function spanOf(bytes: Uint8Array, random: Random, most: number): [start: number, end: number] {
  const start = random.int(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random.int(most))];
}

const numbers = [0, 1, -1, 2, 127, 128, 255, 256, 32_767, 65_535, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)];

const ofBytes: Mutation[] = [
  (bytes, random) => {
    for (let times = 1 + random.int(8); times > 0 && bytes.length > 0; times--) {
      bytes[random.int(bytes.length)] = random.int(256);
    }
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length < 8) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [number, isLittle, at] = [one(numbers, random), random.int(2) === 0, random.int(bytes.length - 7)];
    if (random.int(3) === 0) view.setBigInt64(at, BigInt(number), isLittle);
    else if (random.int(2) === 0) view.setInt32(at, number, isLittle);
    else view.setInt16(at, number, isLittle);
    return bytes;
  },
  (bytes, random) => bytes.slice(0, random.int(bytes.length + 1)),
  (bytes, random) => {
    const [start, end] = spanOf(bytes, random, 64);
    return joined(bytes.subarray(0, start), bytes.subarray(end));
  },
  (bytes, random, bases) => {
    const other = one(bases, random);
    const [start, end] = spanOf(other, random, 400);
    const at = random.int(bytes.length + 1);
    const rest = random.int(2) === 0 ? at : at + end - start;
    return joined(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(rest));
  },
  (bytes, random) => {
    // Long values, which a length or count of a few bytes may claim.
    const [start, end] = spanOf(bytes, random, 16);
    const times = 2 ** random.int(13);
    const part = bytes.subarray(start, end);
    return joined(bytes.subarray(0, end), ...new Array<Uint8Array>(times).fill(part), bytes.subarray(end));
  },
];

const values = [
  ...[
    'null',
    'true',
    '{}',
    '[]',
    '""',
    '-1',
    '0.5',
    '1e308',
    '1e999',
    '9007199254740993',
    '[[]]',
    '{"a":{}}',
  ],
  ...[
    '"__proto__"',
    '"\\u0000"',
    '"\ud800"',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    '1'.repeat(400),
  ],
];

const replaced =
  (pattern: RegExp): Mutation =>
  (bytes, random) => {
    const text = Buffer.from(bytes).toString('latin1');
    const matches = [...text.matchAll(pattern)];
    if (matches.length === 0) return bytes;
    const { index, 0: found } = one(matches, random);
    return new Uint8Array(
      Buffer.from(text.slice(0, index) + one(values, random) + text.slice(index + found.length), 'latin1'),
    );
  };

const ofText: Mutation[] = [
  replaced(/-?\d+(\.\d+)?/g),
  replaced(/"[^"]*"/g),
  replaced(/[[{][^[\]{}]*[\]}]/g),
  (bytes, random) => {
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    const [a, b] = [random.int(lines.length), random.int(lines.length)];
    const kind = random.int(3);
    if (kind === 0) lines.splice(a, 1);
    else if (kind === 1)
      lines.splice(
        a,
        0,
        ...new Array<string>(
          Math.min(2 ** random.int(10), Math.ceil(MOST_BYTES / (1 + lines[b]!.length))),
        ).fill(lines[b]!),
      );
    else [lines[a], lines[b]] = [lines[b]!, lines[a]!];
    return new Uint8Array(Buffer.from(lines.join('\n'), 'latin1'));
  },
];
