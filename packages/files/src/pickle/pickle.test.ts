import { ResnetError } from '@resnet/core';
import { describe, expect, it, vi } from 'vitest';
import { PickledBytes, type PickleRules, PickleStream } from './pickle.js';

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const pickle = (...parts: number[][]) => Uint8Array.from([0x80, 2, ...parts.flat(), 0x2e]);
const int = (value: number) => [0x4b, value];
const oldString = (text: string) => [0x55, text.length, ...ascii(text)];
const longOldString = (text: string) => [0x54, text.length, 0, 0, 0, ...ascii(text)];
const text = (value: string) => [0x58, value.length, 0, 0, 0, ...ascii(value)];
const shortBytes = (text: string) => [0x43, text.length, ...ascii(text)];
const make = [...ascii('cmodule\nmake\n'), 0x29, 0x52];
const setState = 0x62;

class Made {}

const rules = (changes: Partial<PickleRules> = {}): PickleRules => ({
  global(module, name) {
    if (`${module}.${name}` !== 'module.make') throw new Error(`forbidden ${module}.${name}`);
    return () => new Made();
  },
  persistent(id) {
    return ['persistent', id];
  },
  states: 'dropped',
  oldStrings: 'text',
  objects: 'forbidden',
  invalid: (problem) => new ResnetError('FILE_UNREADABLE', problem),
  forbidden: (what) => new ResnetError('DOWNLOAD_FORBIDDEN', what),
  unneeded: (what) => new ResnetError('OPTION_INVALID', what),
  ...changes,
});
const read = (bytes: Uint8Array, changes: Partial<PickleRules> = {}) =>
  new PickleStream(bytes, 0, rules(changes)).next();
const bytes = (text: string) => new PickledBytes(Uint8Array.from(ascii(text)));

describe('PickleStream', () => {
  it('reads the pickles that follow each other', () => {
    const stream = new PickleStream(
      Uint8Array.from([9, ...pickle(int(1)), ...pickle(text('a'))]),
      1,
      rules(),
    );
    expect(stream.next()).toBe(1);
    expect(stream.position).toBe(6);
    expect(stream.next()).toBe('a');
  });

  it('asks the rules for globals and persistent ids', () => {
    expect(read(pickle(make))).toBeInstanceOf(Made);
    expect(read(pickle(int(7), [0x51]))).toEqual(['persistent', 7]);
  });

  it('drops states, or pairs them with their objects', () => {
    const stated = pickle(make, int(5), [setState], int(6), [0x86]);
    expect(read(stated)).toEqual([new Made(), 6]);
    expect(read(stated, { states: 'paired' })).toEqual([[new Made(), 5], 6]);
    expect(read(pickle([0x5d], int(5), [setState]), { states: 'paired' })).toEqual([[], 5]);
  });

  it('reads the strings of Python 2 as text, or as bytes like those of Python 3', () => {
    for (const string of [oldString, longOldString]) {
      expect(read(pickle(string('ab')))).toBe('ab');
      expect(read(pickle(string('ab')), { oldStrings: 'bytes' })).toEqual(bytes('ab'));
    }
    const strings: number[][] = [
      shortBytes('ab'),
      [0x42, 2, 0, 0, 0, ...ascii('ab')],
      [0x8e, 2, 0, 0, 0, 0, 0, 0, 0, ...ascii('ab')],
      [0x96, 2, 0, 0, 0, 0, 0, 0, 0, ...ascii('ab')],
    ];
    for (const string of strings) {
      expect(read(pickle(string), { oldStrings: 'bytes' })).toEqual(bytes('ab'));
      expect(read(pickle(string))).toEqual(bytes('ab'));
    }
    // What is not a byte string stays what it is.
    const mixed = pickle(shortBytes('ab'), text('c'), int(3), [0x87]);
    expect(read(mixed, { oldStrings: 'bytes' })).toEqual([bytes('ab'), 'c', 3]);
  });

  it('gives byte strings as views that the pickle can not write to', () => {
    const file = pickle(shortBytes('ab'), int(0), int(1), [0x73]);
    expect(() => read(file, { oldStrings: 'bytes' })).toThrow('damaged or cut off');
    const view = read(pickle(shortBytes('ab')), { oldStrings: 'bytes' }) as PickledBytes;
    expect(view.bytes.buffer.byteLength).toBe(pickle(shortBytes('ab')).length);
  });

  it('reads integers of any length with their sign: exactly, as bigints past 2^53', () => {
    const long = (...little: number[]) => [0x8a, little.length, ...little];
    const warn = vi.spyOn(console, 'warn');
    expect(read(pickle(long()))).toBe(0);
    expect(read(pickle(long(0xff)))).toBe(-1);
    expect(read(pickle(long(0, 0, 0, 0x80, 0xff)))).toBe(-(2 ** 31));
    expect(read(pickle(long(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f)))).toBe(2 ** 53 - 1);
    expect(read(pickle(long(0, 0, 0, 0, 0, 0, 0, 0x80)))).toBe(-(2n ** 63n));
    expect(read(pickle(long(...new Array(200).fill(0), 1)))).toBe(256n ** 200n);
    // A number that follows is itself again.
    expect(read(pickle(long(5), [0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], [0x86]))).toEqual([5, 1.5]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(() => read(Uint8Array.of(0x80, 2, 0x8a, 9, 1))).toThrow('damaged or cut off');
  });

  it('reads sets as lists', () => {
    expect(read(pickle([0x8f, 0x28], int(1), int(2), [0x90]))).toEqual([1, 2]);
    expect(read(pickle([0x28], int(1), int(2), [0x91]))).toEqual([1, 2]);
  });

  it('makes no object, but calls what the rules give for its class, where objects are called', () => {
    const object = pickle([...ascii('cmodule\nmake\n'), 0x29, 0x81]);
    expect(read(object, { objects: 'called' })).toBeInstanceOf(Made);
    expect(() => read(object)).toThrow('an object (pickle operation NEWOBJ)');
    for (const operation of [0x6f, 0x92, 0x82]) {
      expect(() => read(pickle([operation]), { objects: 'called' })).toThrow(/an object \(pickle operation/);
    }
  });

  it('throws what the rules give', () => {
    const inBytes = { oldStrings: 'bytes' } as const;
    expect(() => read(Uint8Array.of(0x80, 2))).toThrow('its pickle is damaged or cut off; fetch it again');
    expect(() => read(pickle([0x42, 0xfe, 0xff, 0xff, 0xff]), inBytes)).toThrow('a byte string of -2 bytes');
    expect(() => read(pickle([0x93]))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    for (const operation of [0x6f, 0x81, 0x92, 0x82, 0x83, 0x84]) {
      expect(() => read(pickle([operation]))).toThrow(/an object \(pickle operation [A-Z_0-9]+\)/);
    }
    const instance = pickle([0x28], shortBytes('ab'), ascii('ios\nsystem\n'));
    expect(() => read(instance, inBytes)).toThrow('an object of the class "os.system"');
    expect(() => read(pickle([0x64]))).toThrow('the operation 0x64');
  });

  it('calls nothing with arguments that are no short tuple', () => {
    const called = vi.fn(() => new Made());
    const long = [0x58, 0xa0, 0x86, 1, 0, ...new Array<number>(100_000).fill(0x61)];
    const list = [0x28, ...new Array<number[]>(100_000).fill([0x4e]).flat(), 0x74];
    const attempts = [long, list, [0x7d], text('aa'), int(2), shortBytes('aa')];
    for (const args of attempts) {
      // The arguments are remembered, and one function after another is called with them.
      const call = [...ascii('cmodule\nmake\n'), 0x68, 0, 0x52, 0x30];
      const calls = new Array<number[]>(50_000).fill(call).flat();
      const before = performance.now();
      const hostile = pickle(args, [0x71, 0], calls);
      expect(() => read(hostile, { global: () => called })).toThrow('calls something in an unusual way');
      expect(performance.now() - before).toBeLessThan(2000);
    }
    expect(() => read(pickle([0x52]))).toThrow('in an unusual way');
    expect(called).not.toHaveBeenCalled();
  });

  it('asks for no global of a long name, however often', () => {
    const long = [0x58, 0, 0, 0x10, 0, ...new Array<number>(2 ** 20).fill(0x61)];
    const ask = [0x68, 0, 0x68, 0, 0x93, 0x30];
    const before = performance.now();
    const hostile = pickle(long, [0x71, 0, 0x30], new Array<number[]>(2000).fill(ask).flat());
    expect(() => read(hostile, { global: () => () => 1 })).toThrow(
      expect.objectContaining({ code: 'DOWNLOAD_FORBIDDEN' }),
    );
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
