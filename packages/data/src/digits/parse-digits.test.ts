import { coded } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { parseDigits } from './parse-digits.js';

const numbers = (count: number, change: Record<number, unknown> = {}) =>
  JSON.stringify({
    data: Object.assign(
      Array.from({ length: count }, () => 0.5),
      change,
    ),
  });

describe('parseDigits', () => {
  it('turns 0..1 into 0..255', () => {
    const pixels = parseDigits(numbers(1568, { 0: 0, 1: 1, 2: 0.004, 1567: 0.2 }), '3.json');
    expect(pixels.length).toBe(1568);
    expect([pixels[0], pixels[1], pixels[2], pixels[3], pixels[1567]]).toEqual([0, 255, 1, 128, 51]);
  });

  it.each([
    ['{"data": [', 'no JSON'],
    ['null', 'no "data" list'],
    ['{"data": {"length": 784}}', 'no "data" list'],
    [numbers(0), '0 numbers'],
    [numbers(785), '785 numbers'],
    [numbers(784, { 700: 1.1 }), '1.1 at index 700'],
    [numbers(784, { 1: -0.1 }), '-0.1 at index 1'],
    [numbers(784, { 5: null }), 'null at index 5'],
    [numbers(784, { 5: '1' }), '"1" at index 5'],
  ])('refuses anything else', (text, found) => {
    expect(() => parseDigits(text, '3.json')).toThrow(coded('DATA_INVALID', `found ${found}`));
  });
});
