import { ResnetError } from '@resnet/core';
import { BufferReader, Parser } from 'pickleparser';
import { quote } from './quote.js';

/** What a pickle may contain, and what is thrown if it contains something else. */
export interface PickleRules {
  /**
   * The function for a global of Python's; it is called with whatever arguments the pickle holds, as often as
   * it likes. Throws a `ResnetError` for anything that is not known to be harmless.
   */
  global(module: string, name: string): (...args: unknown[]) => unknown;
  /**
   * The value for a persistent id, which may be any value that a pickle can hold. Throws as `global` does.
   */
  persistent(id: unknown): unknown;
  /**
   * What happens to the state that a pickle gives an object: it is dropped, or `[object, state]` replaces the object.
   */
  states: 'dropped' | 'paired';
  /** What the strings of Python 2 become: text, or `PickledBytes` as the byte strings of Python 3 do. */
  oldStrings: 'text' | 'bytes';
  /** Whether the function that `global` gives for a class is called to make its objects, or objects are forbidden. */
  objects: 'called' | 'forbidden';
  /** The error for a pickle that is damaged: 'its pickle …'. */
  invalid(problem: string, cause?: unknown): ResnetError;
  /** The error for a pickle that makes objects: 'an object …'. */
  forbidden(what: string): ResnetError;
  /** The error for a pickle with something harmless that is not supported: 'the operation 0x64'. */
  unneeded(what: string): ResnetError;
}

/** A byte string of a pickle. The class protects it from the pickle's operations, which can write to arrays and maps. */
export class PickledBytes {
  /** @param bytes a view of the pickle */
  constructor(readonly bytes: Uint8Array) {}
}

/**
 * A reader of the pickles that follow each other in `bytes`, from `position` on. It gives null, booleans,
 * numbers, bigints (integers past 2^53), strings, arrays (lists, tuples and sets), maps (dicts), `PickledBytes`
 * and what the rules give, and nothing else.
 *
 * pickleparser does the parsing. It can't be trusted with all of the format of an untrusted pickle: a byte
 * string of negative length makes it read the same bytes for ever; byte strings are views that the pickle can
 * write to; BUILD sets properties of any value, such as the length of a list to 4 billion; OBJ, INST and
 * NEWOBJ call constructors; DICT sets properties of a map; integers lose their sign; REDUCE makes an argument of each letter
 * of a text or entry of a list, however long, at every call. So it gets to see only the operations that plain values need,
 * through the guard below.
 */
export class PickleStream {
  readonly #reader: GuardedReader;
  readonly #parser: Parser;
  readonly #rules: PickleRules;

  constructor(bytes: Uint8Array, position: number, rules: PickleRules) {
    this.#rules = rules;
    this.#reader = new GuardedReader(bytes, rules);
    this.#reader.skip(position);
    this.#parser = new Parser({
      unpicklingTypeOfDictionary: 'Map',
      persistentResolver: {
        resolve: (id: unknown) => (this.#reader.isCalling ? this.#call(id) : rules.persistent(id)),
      },
      nameResolver: {
        resolve: (module: unknown, name: unknown) => {
          if (typeof module !== 'string' || typeof name !== 'string') {
            throw rules.invalid('its pickle has a global without a name');
          }
          // Asked for again and again, a long one would be compared as often.
          if (module.length + name.length > MOST_NAME_LENGTH) {
            throw rules.forbidden(quote(`${module.slice(0, MOST_NAME_LENGTH)}.${name}`));
          }
          return rules.global(module, name);
        },
      },
    });
  }

  /** REDUCE. @param pair the function and its arguments */
  #call(pair: unknown): unknown {
    const [callable, args] = pair as unknown[];
    if (typeof callable !== 'function' || !Array.isArray(args) || args.length > MOST_ARGUMENTS) {
      throw this.#rules.invalid('its pickle calls something in an unusual way');
    }
    return callable(...args);
  }

  /** The offset after the last pickle that was read. */
  get position(): number {
    return this.#reader.position;
  }

  /**
   * The value of the next pickle.
   *
   * @throws what the rules give: forbidden if it makes objects; unneeded or invalid if it has what no plain
   *   values have, or is damaged
   */
  next(): unknown {
    try {
      return this.#parser.read(this.#reader);
    } catch (cause) {
      if (ResnetError.is(cause)) throw cause;
      throw this.#rules.invalid('its pickle is damaged or cut off; fetch it again', cause);
    }
  }
}

/** Of a module and a name in it, together. */
const MOST_NAME_LENGTH = 200;

/** Of one call; _rebuild_tensor_v3 takes seven. */
const MOST_ARGUMENTS = 64;

const BINBYTES = 0x42;
const SHORT_BINBYTES = 0x43;
const BINBYTES8 = 0x8e;
const BYTEARRAY8 = 0x96;
const BINSTRING = 0x54;
const SHORT_BINSTRING = 0x55;
const POP = 0x30;
const BUILD = 0x62;
const REDUCE = 0x52;
const INST = 0x69;
const NEWOBJ = 0x81;
const TUPLE2 = 0x86;
const LONG1 = 0x8a;
const BINFLOAT = 0x47;
const BINPERSID = 0x51;

/** Operations that are let through, by the bytes of a pickle; the strings of Python 2 are among them. */
const permitted = new Set([
  ...[0x80, 0x95, 0x2e, POP], // PROTO FRAME STOP POP
  ...[0x28, 0x71, 0x72, 0x94, 0x68, 0x6a], // MARK BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET
  ...[0x4e, 0x88, 0x89], // NONE NEWTRUE NEWFALSE
  ...[0x4a, 0x4b, 0x4d, LONG1, BINFLOAT], // BININT BININT1 BININT2
  ...[0x58, 0x8c, BINSTRING, SHORT_BINSTRING], // BINUNICODE SHORT_BINUNICODE
  ...[BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8],
  ...[0x29, 0x74, 0x85, TUPLE2, 0x87], // EMPTY_TUPLE TUPLE TUPLE1 TUPLE3
  ...[0x5d, 0x61, 0x65], // EMPTY_LIST APPEND APPENDS
  ...[0x7d, 0x73, 0x75], // EMPTY_DICT SETITEM SETITEMS
  ...[0x8f, 0x90, 0x91], // EMPTY_SET ADDITEMS FROZENSET
  ...[0x63, 0x93, BINPERSID, REDUCE, BUILD], // GLOBAL STACK_GLOBAL BINPERSID
]);

/** Operations that give byte strings. */
const bytesOperations = new Set([BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8]);

/** Operations of old strings, and those of byte strings with the same arguments. */
const asBytes = new Map([
  [BINSTRING, BINBYTES],
  [SHORT_BINSTRING, SHORT_BINBYTES],
]);

/**
 * Those whose argument begins with one byte: PROTO BINPUT BINGET BININT1 SHORT_BINUNICODE SHORT_BINSTRING
 * SHORT_BINBYTES.
 */
const followedByByte = new Set([0x80, 0x71, 0x68, 0x4b, 0x8c, SHORT_BINSTRING, SHORT_BINBYTES]);

const objectOperations = new Map([
  [INST, 'INST'],
  [0x6f, 'OBJ'],
  [NEWOBJ, 'NEWOBJ'],
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
  readonly #rules: PickleRules;
  #operations = 0;
  /** The one whose arguments are being read, as pickleparser gets to see it. */
  #operation = 0;
  #expectsByte = false;
  #isCalling = false;
  /** Whether a pair of a function and its arguments has just been made, of which BINPERSID is to make the result. */
  #callsNext = false;
  /** An integer that pickleparser takes for the number of a BINFLOAT. */
  #integer: number | bigint | undefined;

  constructor(bytes: Uint8Array, rules: PickleRules) {
    super(bytes);
    this.#rules = rules;
  }

  /** Whether the persistent id that is asked for is a function with its arguments. */
  get isCalling(): boolean {
    return this.#isCalling;
  }

  /** pickleparser reads every operation with this, and the arguments of some. */
  override byte(): number {
    this.#isCalling = this.#callsNext;
    if (this.#callsNext) {
      this.#callsNext = false;
      this.#operation = BINPERSID;
      return BINPERSID;
    }
    const value = super.byte();
    if (this.#expectsByte) {
      this.#expectsByte = false;
      return value;
    }
    const isMade = value === NEWOBJ && this.#rules.objects === 'called';
    if (objectOperations.has(value) && !isMade) throw this.#rules.forbidden(this.#describe(value));
    if (!isMade && !permitted.has(value)) {
      throw this.#rules.unneeded(`the operation 0x${value.toString(16).padStart(2, '0')}`);
    }
    this.#operations++;
    if (this.#operations > maximumOperations) {
      throw this.#rules.unneeded(`more than ${maximumOperations} operations`);
    }
    this.#expectsByte = followedByByte.has(value);
    this.#operation = this.#translate(value);
    if (value === LONG1) this.#integer = integerOf(super.bytes(super.byte()) as Uint8Array);
    return this.#operation;
  }

  /** pickleparser reads byte strings with this, as well as what it makes of bytes itself. */
  override bytes(length: number): ReturnType<BufferReader['bytes']> {
    if (length < 0) throw this.#rules.invalid(`its pickle has a byte string of ${length} bytes`);
    const bytes = super.bytes(length);
    if (!bytesOperations.has(this.#operation)) return bytes;
    // pickleparser only passes it on.
    return new PickledBytes(bytes as Uint8Array) as unknown as Uint8Array;
  }

  /** pickleparser's own warns on the console about integers past 2^53. */
  override uint64(): number {
    const low = this.uint32();
    return low + 2 ** 32 * this.uint32();
  }

  /** pickleparser reads the number of a BINFLOAT with this, and passes it on. */
  override float64(): number {
    if (this.#integer === undefined) return super.float64();
    const integer = this.#integer;
    this.#integer = undefined;
    return integer as number;
  }

  /**
   * What pickleparser gets to see. BUILD sets attributes, such as a state dict's _metadata: none is ever set.
   * NEWOBJ constructs objects: nothing is ever constructed, but the function that stands for the class is called. REDUCE
   * calls: it becomes a pair of the function and its arguments, and BINPERSID, so that arguments are checked before.
   */
  #translate(operation: number): number {
    if (operation === BUILD) return this.#rules.states === 'dropped' ? POP : TUPLE2;
    if (operation === NEWOBJ || operation === REDUCE) {
      this.#callsNext = true;
      return TUPLE2;
    }
    if (operation === LONG1) return BINFLOAT;
    if (this.#rules.oldStrings === 'bytes') return asBytes.get(operation) ?? operation;
    return operation;
  }

  #describe(operation: number): string {
    this.#operation = operation;
    if (operation === INST) return `an object of the class ${quote(`${this.line()}.${this.line()}`)}`;
    return `an object (pickle operation ${objectOperations.get(operation)})`;
  }
}

/** A little-endian integer in two's complement, as a number where that is exact. */
function integerOf(bytes: Uint8Array): number | bigint {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).reverse();
  const integer = BigInt.asIntN(8 * bytes.length, BigInt(`0x0${digits.join('')}`));
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}
