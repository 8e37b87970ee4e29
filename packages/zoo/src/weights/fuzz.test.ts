import { ResnetError } from '@resnet/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readWeights } from './format.js';
import {
  ascii,
  emptyDict,
  emptyTuple,
  expected,
  fixture,
  global,
  int,
  int32,
  int64,
  none,
  stackGlobal,
  storage,
  tensor,
  text,
  torchLegacy,
  torchZip,
} from './testing.js';
import { isTorch } from './torch/torch.js';

// Whatever the bytes are, there is a valid result or an error of ours, soon, in memory that the file accounts for.

let allocated = 0;

/** Counts the bytes of every typed array that is made with memory of its own. */
function counting<T extends new (...args: never[]) => ArrayBufferView>(type: T): T {
  return new Proxy(type, {
    construct(target, args) {
      const length: unknown = args[0];
      // Counted before it is made: a hostile length may be too large to allocate at all.
      if (typeof length === 'number')
        allocated += length * (target as unknown as Float32Array).BYTES_PER_ELEMENT;
      const made = Reflect.construct(target, args);
      if (typeof length === 'object' && !(length instanceof ArrayBuffer)) allocated += made.byteLength;
      return made;
    },
  });
}

beforeEach(() => {
  for (const type of [Uint8Array, Uint16Array, Uint32Array, Float32Array, Float64Array]) {
    vi.stubGlobal(type.name, counting(type));
  }
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function survives(bytes: Uint8Array): 'read' | 'refused' {
  allocated = 0;
  try {
    const { tensors } = readWeights(bytes);
    for (const { shape, data } of tensors.values()) {
      expect(data.length).toBe(shape.reduce((product, dimension) => product * dimension, 1));
    }
    return 'read';
  } catch (error) {
    if (!ResnetError.is(error)) throw error;
    expect(['WEIGHTS_INVALID', 'WEIGHTS_FORBIDDEN']).toContain(error.code);
    expect(error.message.length).toBeLessThan(1000);
    return 'refused';
  } finally {
    // At most two values for each byte, of 4 bytes, and what is held on the way to them; an archive may unpack to more.
    const unpacked = isTorch(bytes) ? 32 * bytes.length : 0;
    expect(allocated).toBeLessThanOrEqual(16 * bytes.length + unpacked);
  }
}

const files = [
  'tensors.safetensors',
  'tensors-zip.pt',
  'tensors-legacy.pt',
  'checkpoint-zip-protocol4.pt',
  'checkpoint-legacy-protocol4.pt',
  'checkpoints/everything.pt',
  'checkpoints/everything-legacy.pt',
  'checkpoints/deflated.pt',
].map(fixture);

const numbers = [0, 1, -1, 127, 255, 65535, 2 ** 31 - 1, -(2 ** 31)];
const extremes = fc.oneof(
  fc.constantFrom(...numbers.map((number) => int32(number))),
  fc.constantFrom(...[...numbers, 2 ** 32, 2 ** 53, -(2 ** 53)].map((number) => int64(number))),
  fc.constant(int64(2n ** 63n - 1n)),
);

describe('readWeights', () => {
  it('is watched while it allocates', () => {
    const values = [...expected('tensors').values()].reduce((sum, { data }) => sum + data.length, 0);
    for (const file of files.slice(0, 3)) {
      expect(survives(file)).toBe('read');
      expect(allocated).toBeGreaterThanOrEqual(4 * values);
    }
    allocated = 0;
    expect(() => new Float32Array(2 ** 53)).toThrow(RangeError);
    expect(allocated).toBe(2 ** 55);
  });

  it('survives random bytes, also behind the beginning of each format', () => {
    const heads = [[], [0x50, 0x4b, 3, 4], [...files[2]!.subarray(0, 15)], [...int64(30), 0x7b], [0x7b]];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        survives(Uint8Array.from([...head, ...tail]));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives files with changed bytes', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
        (file, changes) => {
          const bytes = file.slice();
          for (const [position, value] of changes) bytes[position % bytes.length] = value;
          outcomes.add(survives(bytes));
        },
      ),
      { numRuns: 3000 },
    );
    expect(outcomes).toEqual(new Set(['read', 'refused']));
  });

  it('survives files with numbers replaced by extreme ones', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), extremes, (file, position, number) => {
        const bytes = Uint8Array.from(file);
        bytes.set(number.slice(0, bytes.length), position % (bytes.length - number.length));
        survives(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives files that are cut off', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(), (file, from, to) => {
        const length = to % file.length;
        survives(file.slice(from % 2 === 0 ? 0 : from % (length + 1), length));
      }),
      { numRuns: 1000 },
    );
  });

  it('survives files with parts of others in them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.constantFrom(...files),
        fc.nat(),
        fc.nat(),
        fc.nat({ max: 400 }),
        fc.boolean(),
        (file, other, at, from, length, isInserted) => {
          const position = at % file.length;
          const begin = from % other.length;
          const part = other.subarray(begin, begin + length);
          const rest = file.subarray(isInserted ? position : position + part.length);
          survives(Uint8Array.from([...file.subarray(0, position), ...part, ...rest]));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('survives safetensors headers of the right form with any numbers in them', () => {
    const number = fc.oneof(fc.nat({ max: 16 }), fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 53, 1e300));
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F64', 'U8', 'BOOL', 'F16', 'I64', 'X'),
      shape: fc.array(number, { maxLength: 4 }),
      data_offsets: fc.array(number, { minLength: 2, maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), entry, { maxKeys: 3 }),
        fc.nat({ max: 32 }),
        (header, dataBytes) => {
          const json = new TextEncoder().encode(JSON.stringify(header));
          survives(Uint8Array.from([...int64(json.length), ...json, ...new Array(dataBytes).fill(1)]));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('survives pickles of any operations in any order', () => {
    const values = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const good = storage('0', 4);
    const operation = fc.oneof(
      { weight: 1, arbitrary: fc.nat({ max: 255 }).map((byte) => [byte]) },
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          ...[none, emptyDict, emptyTuple, [0x5d], [0x88], good, storage('1', 2 ** 31 - 1)],
          ...[int(0), int(-1), int(2), int(2 ** 31 - 1), text('a'), text('state_dict'), text('__proto__')],
          ...[tensor(good, 0, [2, 2], [1, 2]), tensor(good, 0, [2 ** 20], [0]), tensor(good, 3, [1], [1])],
          ...[global('collections', 'OrderedDict'), stackGlobal('torch._utils', '_rebuild_tensor_v2')],
          ...[
            global('torch._utils', '_rebuild_parameter'),
            global('torch', 'FloatStorage'),
            [...ascii('cos\nsystem\n')],
          ],
          // MARK TUPLE TUPLE1-3 REDUCE BUILD BINPERSID SETITEM SETITEMS APPEND APPENDS STACK_GLOBAL MEMOIZE
          ...[0x28, 0x74, 0x85, 0x86, 0x87, 0x52, 0x62, 0x51, 0x73, 0x75, 0x61, 0x65, 0x93, 0x94].map(
            (byte) => [byte],
          ),
          ...[
            [0x71, 0],
            [0x68, 0],
            [0x72, 255, 255, 255, 255],
            [0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 255],
          ],
          ...[
            [0x42, ...int32(-5)],
            [0x58, ...int32(-1)],
            [0x69, ...ascii('os\nsystem\n')],
            [0x6f],
            [0x81],
            [0x82, 1],
          ],
        ),
      },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), fc.boolean(), (operations, isZip) => {
        const value = operations.flat();
        survives(
          isZip
            ? torchZip([...emptyDict, ...value], { 0: values })
            : torchLegacy([...emptyDict, ...value], [{ key: '0', count: 4, bytes: values }]),
        );
      }),
      { numRuns: 4000 },
    );
  });
});
