import { ResnetError } from '@resnet/core';
import { PickledBytes, type PickleRules, PickleStream, quote } from '@resnet/files';

/** A numpy array as a pickle describes it; nothing of it is checked yet. */
export class NumpyArray {
  constructor(
    /** 'u1' is uint8. */
    readonly dtype: unknown,
    readonly shape: unknown,
    /** Whether it is stored in column-major order. */
    readonly isFortran: unknown,
    /** For `bytesOf`. */
    readonly values: unknown,
  ) {}
}

/** The type of an array's values. */
class NumpyDtype {
  constructor(readonly name: unknown) {}
}

/** An array whose state has not been set. */
class EmptyArray {}

/**
 * What Python 3 writes for bytes in protocol 2. It is decoded only when it is used, so that a file can't cause much work.
 */
class EncodedBytes {
  constructor(readonly text: string) {}
}

/**
 * Reads a pickle of plain values and numpy arrays, as Python 2 and 3 write them with the protocols 2 to 5.
 * Nothing in it is run, and pixels are not copied.
 *
 * @param source the file's name, for messages
 * @param advice what to do about a bad file, at the end of messages
 * @returns null, booleans, numbers, strings, arrays (lists and tuples), maps (dicts), and what `arrayOf`,
 *   `bytesOf` and `textOf` understand
 * @throws DATA_INVALID if it is damaged, or holds or asks for anything else
 */
export function readNumpyPickle(bytes: Uint8Array, source: string, advice: string): unknown {
  return new PickleStream(bytes, 0, rules(source, advice)).next();
}

/** A value as an array; undefined if it is none. */
export function arrayOf(value: unknown): NumpyArray | undefined {
  if (value instanceof NumpyArray) return value;
  const [array, state] = pairOf(value);
  if (!(array instanceof EmptyArray) || !Array.isArray(state)) return undefined;
  const [, shape, dtype, isFortran, values] = state;
  return new NumpyArray(nameOf(dtype), shape, isFortran, values);
}

/** A value as bytes, if possible as a view of the pickle; undefined if it is none. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof PickledBytes) return value.bytes;
  if (!(value instanceof EncodedBytes)) return undefined;
  const { text } = value;
  const bytes = new Uint8Array(text.length);
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code > 255) return undefined;
    bytes[position] = code;
  }
  return bytes;
}

/**
 * A value as text: a string of Python 3 or a byte string. Undefined if it is none, or longer than any name.
 */
export function textOf(value: unknown): string | undefined {
  const longest = 1000;
  if (typeof value === 'string') return value.length > longest ? undefined : value;
  if (value instanceof EncodedBytes) return textOf(value.text);
  if (!(value instanceof PickledBytes) || value.bytes.length > longest) return undefined;
  return String.fromCharCode(...value.bytes);
}

/** The object and its state that BUILD leaves. */
function pairOf(value: unknown): unknown[] {
  return Array.isArray(value) && value.length === 2 ? value : [];
}

/** The second time that a pickle uses a dtype, it has no state. */
function nameOf(dtype: unknown): unknown {
  const found = dtype instanceof NumpyDtype ? dtype : pairOf(dtype)[0];
  return found instanceof NumpyDtype ? (textOf(found.name) ?? found.name) : undefined;
}

function rules(source: string, advice: string): PickleRules {
  const error = (problem: string, cause?: unknown) =>
    new ResnetError('DATA_INVALID', `${source} can't be read: ${problem}. ${advice}`, { cause });
  const wrongArguments = (name: string) => error(`its pickle calls ${name} with the wrong arguments`);

  const makeArray = (...args: unknown[]) => {
    if (args.length !== 3) throw wrongArguments('_reconstruct');
    return new EmptyArray();
  };
  const makeArrayOfBuffer = (...args: unknown[]) => {
    const [values, dtype, shape, order] = args;
    if (args.length !== 4) throw wrongArguments('_frombuffer');
    return new NumpyArray(nameOf(dtype), shape, order !== 'C', values);
  };
  const notCalled = () => {
    throw error('its pickle makes an array in an unusual way');
  };
  const dtype = (...args: unknown[]) => new NumpyDtype(args[0]);
  const encode = (...args: unknown[]) => {
    const [text, encoding] = args;
    if (typeof text !== 'string' || encoding !== 'latin1') throw wrongArguments('encode');
    return new EncodedBytes(text);
  };
  const emptyBytes = (...args: unknown[]) => {
    if (args.length > 0) throw wrongArguments('bytes');
    return new EncodedBytes('');
  };
  const globals = new Map<string, (...args: unknown[]) => unknown>([
    ['numpy.core.multiarray._reconstruct', makeArray],
    ['numpy._core.multiarray._reconstruct', makeArray],
    ['numpy.core.numeric._frombuffer', makeArrayOfBuffer],
    ['numpy._core.numeric._frombuffer', makeArrayOfBuffer],
    ['numpy.ndarray', notCalled],
    ['numpy.dtype', dtype],
    ['_codecs.encode', encode],
    ['__builtin__.bytes', emptyBytes],
  ]);

  const forbidden = (what: string) =>
    error(`it asks for ${what}. Only plain values and numpy arrays are read, and nothing in a file is run`);
  return {
    global(module, name) {
      const found = globals.get(`${module}.${name}`);
      if (found === undefined) throw forbidden(quote(`${module}.${name}`));
      return found;
    },
    persistent() {
      throw forbidden('an object outside of it');
    },
    states: 'paired',
    oldStrings: 'bytes',
    objects: 'forbidden',
    invalid: error,
    forbidden,
    unneeded: (what) => error(`its pickle has ${what}, which images and labels don't need`),
  };
}
