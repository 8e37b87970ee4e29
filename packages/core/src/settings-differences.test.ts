import { describe, expect, it } from 'vitest';
import { describeDifferences, settingTexts } from './settings-differences.js';

describe('settingTexts', () => {
  it('names what is within objects by its path, and leaves out what is undefined', () => {
    expect(settingTexts({ a: 1, b: { c: [1, 'x'], d: { e: null } }, f: undefined })).toEqual({
      a: '1',
      'b.c': '[1,"x"]',
      'b.d.e': 'null',
    });
  });
});

describe('describeDifferences', () => {
  it('has a line for each setting that differs or is missing', () => {
    const [first, second] = [
      { kept: '1', changed: '2', gone: '3' },
      { kept: '1', changed: '4', added: '5' },
    ];
    expect(describeDifferences(first, second)).toEqual([
      '  changed: 2 there, 4 here',
      '  gone: 3 there, none here',
      '  added: none there, 5 here',
    ]);
    expect(describeDifferences({ a: '1' }, { a: '2' }, ['in x', 'in y'])).toEqual(['  a: 1 in x, 2 in y']);
    expect(describeDifferences(first, first)).toEqual([]);
  });
});
