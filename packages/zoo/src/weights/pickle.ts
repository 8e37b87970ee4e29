import { ResnetError } from '@resnet/backend';
import { BufferReader, Parser } from 'pickleparser';
import { quote } from './quote.js';
import { forbiddenTorch, invalidTorch, unneededTorch } from './torch-error.js';

/** What a pickle may name: both functions throw for anything that is not known to be harmless. */
export interface PickleResolver {
  /** The function for a global of Python's; it is called with whatever arguments the pickle holds. */
  global(module: string, name: string): (...args: unknown[]) => unknown;
  /** The value for a persistent id, which may be any value that a pickle can hold. */
  persistent(id: unknown): unknown;
}

/**
 * A reader of the pickles that follow each other in `bytes`, from `position` on. It gives null, booleans,
 * numbers, strings, arrays (lists and tuples), maps (dicts) and what the resolver gives, and nothing else.
 *
 * pickleparser does the parsing. Given a stranger's pickle it can't be trusted with all of the format: a byte
 * string of negative length makes it read the same bytes for ever; byte strings are views that the pickle can
 * write to; BUILD sets properties of any value, such as the length of a list to 4 billion; OBJ, INST and
 * NEWOBJ call constructors; DICT sets properties of a map. So it gets to see only the operations that a state
 * dict needs, through the guard below.
 */
export class PickleStream {
  readonly #reader: GuardedReader;
  readonly #parser: Parser;

  constructor(bytes: Uint8Array, position: number, resolver: PickleResolver) {
    this.#reader = new GuardedReader(bytes);
    this.#reader.skip(position);
    this.#parser = new Parser({
      unpicklingTypeOfDictionary: 'Map',
      persistentResolver: { resolve: (id) => resolver.persistent(id) },
      nameResolver: {
        resolve: (module: unknown, name: unknown) => {
          if (typeof module !== 'string' || typeof name !== 'string') {
            throw invalidTorch('its pickle has a global without a name');
          }
          return resolver.global(module, name);
        },
      },
    });
  }

  /** Where the next pickle, or what follows the last one, begins. */
  get position(): number {
    return this.#reader.position;
  }

  /**
   * The value of the next pickle.
   *
   * @throws WEIGHTS_FORBIDDEN if it makes objects; WEIGHTS_INVALID if it is damaged or can't be of a state dict
   */
  next(): unknown {
    try {
      return this.#parser.read(this.#reader);
    } catch (cause) {
      if (ResnetError.is(cause)) throw cause;
      throw invalidTorch('its pickle is damaged or cut off; fetch it again', cause);
    }
  }
}

const POP = 0x30;
const BUILD = 0x62;
const INST = 0x69;
const LONG1 = 0x8a;

/** Operations that are let through, by the bytes of a pickle; the strings of Python 2 are among them. */
const permitted = new Set([
  ...[0x80, 0x95, 0x2e], // PROTO FRAME STOP
  ...[0x28, 0x71, 0x72, 0x94, 0x68, 0x6a], // MARK BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET
  ...[0x4e, 0x88, 0x89, 0x4a, 0x4b, 0x4d, LONG1, 0x47], // NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINFLOAT
  ...[0x58, 0x8c, 0x54, 0x55], // BINUNICODE SHORT_BINUNICODE BINSTRING SHORT_BINSTRING
  ...[0x29, 0x74, 0x85, 0x86, 0x87], // EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
  ...[0x5d, 0x61, 0x65], // EMPTY_LIST APPEND APPENDS
  ...[0x7d, 0x73, 0x75], // EMPTY_DICT SETITEM SETITEMS
  ...[0x63, 0x93, 0x51, 0x52, BUILD], // GLOBAL STACK_GLOBAL BINPERSID REDUCE BUILD
]);

/** Those of them whose argument begins with one byte: PROTO BINPUT BINGET BININT1 LONG1 SHORT_BINUNICODE SHORT_BINSTRING. */
const followedByByte = new Set([0x80, 0x71, 0x68, 0x4b, LONG1, 0x8c, 0x55]);

const objectOperations = new Map([
  [INST, 'INST'],
  [0x6f, 'OBJ'],
  [0x81, 'NEWOBJ'],
  [0x92, 'NEWOBJ_EX'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
]);

/**
 * An operation of one byte can make a map of 200, so the operations of a file are counted. A checkpoint of
 * ResNet-1202 with its optimizer's state takes about 375,000.
 */
const maximumOperations = 1_000_000;

class GuardedReader extends BufferReader {
  #operations = 0;
  #operation: number | undefined;

  /** pickleparser reads every operation with this, and the arguments of some. */
  override byte(): number {
    const value = super.byte();
    if (this.#operation !== undefined) {
      const operation = this.#operation;
      this.#operation = undefined;
      // pickleparser warns on the console about integers past 2^53, and reads none of more than 8 bytes.
      if (operation === LONG1 && value > 6) throw unneededTorch(`an integer of ${value} bytes`);
      return value;
    }

    if (objectOperations.has(value)) throw forbiddenTorch(this.#describe(value));
    if (!permitted.has(value)) {
      throw unneededTorch(`the operation 0x${value.toString(16).padStart(2, '0')}`);
    }
    this.#operations++;
    if (this.#operations > maximumOperations) {
      throw unneededTorch(`more than ${maximumOperations} operations`);
    }
    if (followedByByte.has(value)) this.#operation = value;
    // BUILD sets attributes, such as a state dict's _metadata. No attribute is needed: drop them instead.
    return value === BUILD ? POP : value;
  }

  #describe(operation: number): string {
    if (operation === INST) return `an object of the class ${quote(`${this.line()}.${this.line()}`)}`;
    return `an object (pickle operation ${objectOperations.get(operation)})`;
  }
}
