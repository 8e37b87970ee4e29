import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.js';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  it('parses what is nested no deeper than files are', () => {
    const text = JSON.stringify({ a: [1, { b: '[[[{{{"\\' }], '[': { '"': null } });
    expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(() => parseJson(nested(100))).not.toThrow();
    expect(parseJson(`[${Array.from({ length: 200 }, () => '[]').join()}]`)).toHaveLength(200);
    expect(parseJson(JSON.stringify(nested(5000)))).toBe(nested(5000));
  });

  it('refuses what is nested so deep that nobody can go into it', () => {
    expect(() => parseJson(nested(101))).toThrow('nested more than 100 levels deep');
    const before = performance.now();
    expect(() => parseJson(nested(500_000))).toThrow(Error);
    expect(() => parseJson('{"a":'.repeat(500_000))).toThrow(Error);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(() => parseJson('{')).toThrow(SyntaxError);
  });
});
