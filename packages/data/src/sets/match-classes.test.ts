import { coded } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchClasses } from './match-classes.js';

const of = 'the network';
const known = { of, names: ['ant', 'bee', 'cat'] };

describe('matchClasses', () => {
  it('finds classes by their names, wherever they stand', () => {
    expect(matchClasses('val', ['cat', 'bee'], known)).toEqual({
      indices: [2, 1],
      mapped: [],
      absent: ['ant'],
    });
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 12 }), fc.nat(), (names, seed) => {
        const moved = [...names].sort((a, b) => ((a.length + seed) % 7) - ((b.length + seed) % 7));
        const { indices, mapped, absent } = matchClasses('val', moved, { of, names });
        expect(indices.map((position) => names[position])).toEqual(moved);
        expect([mapped, absent]).toEqual([[], []]);
      }),
      { seed: 1 },
    );
  });

  it('leaves capitals, underscores and hyphens aside where that is no guess, and tells', () => {
    const names = ['great white shark', 'Cardigan', 'cardigan', 'cat'];
    const found = matchClasses('val', ['Great_White-Shark', 'cardigan', 'CAT'], { of, names });
    expect(found).toEqual({
      indices: [0, 2, 3],
      mapped: [
        { name: 'Great_White-Shark', as: 'great white shark' },
        { name: 'CAT', as: 'cat' },
      ],
      absent: ['Cardigan'],
    });
    expect(() => matchClasses('val', ['CARDIGAN'], { of, names })).toThrow(
      coded('DATA_INVALID', "'CARDIGAN'"),
    );
  });

  it('knows other names, but for those of several classes', () => {
    const aliases = [['formica', 'insect'], ['apis', 'insect'], []];
    expect(matchClasses('val', ['Apis', 'formica'], { ...known, aliases }).indices).toEqual([1, 0]);
    expect(() => matchClasses('val', ['insect'], { ...known, aliases })).toThrow(
      coded('DATA_INVALID', 'insect'),
    );
  });

  it('names what is not known, and classes that are one', () => {
    expect(() => matchClasses("'photos/val'", ['ant', 'beee', 'dog'], known)).toThrow(
      coded(
        'DATA_INVALID',
        "All classes of 'photos/val' must be classes of the network, found 2 of 3 that are none: 'beee', 'dog'. " +
          "Unknown class of the network 'beee'. Did you mean 'bee'?",
      ),
    );
    expect(() => matchClasses('val', ['Cat', 'cat'], known)).toThrow(
      coded('DATA_INVALID', "found 'Cat' and 'cat', which are one"),
    );
  });
});
