import { describe, expect, it } from 'vitest';
import { ResnetError } from './error.js';
import { printable } from './printable.js';

const hostile = {
  'clears the screen': '\u001b[2J\u001b[H',
  'writes to the clipboard': '\u001b]52;c;cm0gLXJm\u0007',
  'goes back to the start of the line': 'good\rerror',
  'goes back by one': 'a\b\u007f',
  'is an escape in one byte': '\u009b31m',
  'turns the writing around': 'cat\u202egpj.exe\u2066',
  'separates lines': 'a\u2028b\u2029c',
  'is half a character': 'a\ud800b',
  'is a tag that nobody sees': 'a\u{e0041}b',
};

describe('printable', () => {
  it.each(Object.entries(hostile))('escapes what %s', (_, text) => {
    const shown = printable(text);
    expect(shown).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(`"${shown}"`)).toBe(text);
    expect(new ResnetError('OPTION_INVALID', `The class ${text}.`).message).toBe(`The class ${shown}.`);
  });

  it('leaves all else as it is', () => {
    for (const text of ['', 'Katze, кот, 猫, قطة\n  second line', '👩‍🔬 é ½ – …', 'نامه‌ای']) {
      expect(printable(text)).toBe(text);
    }
  });
});
