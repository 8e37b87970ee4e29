import { describe, expect, it } from 'vitest';
import {
  anyInteger,
  belowOne,
  integer,
  integers,
  notNegative,
  percentage,
  positive,
  shard,
  shares,
} from './parse-values.js';

type Parser = (text: string) => number | number[];

describe('parsers of option values', () => {
  const good: [name: string, parser: Parser, text: string, value: number | number[]][] = [
    ['integer', integer(1), '64', 64],
    ['integer', integer(0), '0', 0],
    ['integer', integer(1), '64e3', 64_000],
    ['anyInteger', anyInteger, '-7', -7],
    ['positive', positive, '0.1', 0.1],
    ['positive', positive, '.5', 0.5],
    ['notNegative', notNegative, '1e-4', 1e-4],
    ['notNegative', notNegative, '0', 0],
    ['belowOne', belowOne, '0.9', 0.9],
    ['percentage', percentage, '12.5', 12.5],
    ['percentage', percentage, '100', 100],
    ['integers', integers, '240', [240]],
    ['integers', integers, '32000, 48000', [32_000, 48_000]],
    ['shard', shard, '0/4', [0, 4]],
    ['shares', shares, '0.485,0.456,1', [0.485, 0.456, 1]],
  ];
  it.each(good)('%s takes %3$s', (_, parser, text, value) => {
    expect(parser(text)).toEqual(value);
  });

  const bad: [name: string, parser: Parser, texts: string[]][] = [
    ['integer', integer(1), ['0', '-1', '1.5', 'abc', '', ' ', '0x10', 'Infinity', '1e400', '12abc']],
    ['anyInteger', anyInteger, ['0.5', 'NaN', '']],
    ['positive', positive, ['0', '-0.1', 'fast', '1e999']],
    ['notNegative', notNegative, ['-1e-9', '']],
    ['belowOne', belowOne, ['1', '-0.1', 'x']],
    ['percentage', percentage, ['0', '100.1', '20%', '-1']],
    ['integers', integers, ['', '1,', '1,,2', '-1', '1;2', '1.5']],
    ['shard', shard, ['', '1', '4/4', '-1/4', '1/2/', 'a/b', '1/0']],
    ['shares', shares, ['', '1.1', '-0.1', '0.1 0.2', '0.1,']],
  ];
  it.each(bad)('%s refuses anything else', (_, parser, texts) => {
    for (const text of texts) expect(() => parser(text), `'${text}'`).toThrow(/^It must be /);
  });
});
