import { describe, expect, it } from 'vitest';
import { matchClasses } from '../sets/match-classes.js';
import { imagenetAliases, imagenetNames } from './class-names.js';
import { IMAGENET_CLASSES } from './classes.js';

describe('imagenetNames', () => {
  it('tells the names of ids, and of nothing else', () => {
    expect(imagenetNames('n01440764')).toEqual(['tench', 'Tinca tinca']);
    expect(imagenetNames('tench')).toBeUndefined();
  });
});

describe('imagenetAliases', () => {
  it('lets classes be found by id and by names, however the known ones are called', () => {
    const ids = IMAGENET_CLASSES.map(({ id }) => id);
    for (const names of [ids, IMAGENET_CLASSES.map((each) => each.names[0]!)]) {
      const known = { of: 'the network', names, aliases: imagenetAliases(names) };
      expect(matchClasses('val', ['tench', 'Carassius_auratus', 'n15075141'], known).indices).toEqual([
        0, 1, 999,
      ]);
    }
    expect(imagenetAliases(['cat', 'n01440764'])).toEqual([
      [],
      ['n01440764', 'tench', 'Tinca tinca', 'tench, Tinca tinca'],
    ]);
  });

  it('leaves out names that two classes have, and takes a thousand other classes for nothing else', () => {
    expect(imagenetAliases(['n02012849', 'n03126707']).flat()).not.toContain('crane');
    expect(imagenetAliases(Array.from({ length: 1000 }, String)).flat()).toEqual([]);
  });
});
