import { join } from 'node:path';
import { coded } from '@resnet/testing';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { IMAGENET_CLASSES, imagenetClass } from './classes.js';

describe('IMAGENET_CLASSES', () => {
  it('has a thousand classes in the order of their ids', () => {
    expect(IMAGENET_CLASSES).toHaveLength(1000);
    const ids = IMAGENET_CLASSES.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const { id, names } of IMAGENET_CLASSES) {
      expect(id).toMatch(/^n\d{8}$/);
      expect(names.every((name) => name.length > 0 && name === name.trim())).toBe(true);
    }
    // The labels that torchvision's models and their users know.
    expect(IMAGENET_CLASSES[0]).toEqual({ id: 'n01440764', names: ['tench', 'Tinca tinca'] });
    expect(IMAGENET_CLASSES[281]!.names[0]).toBe('tabby');
    expect(IMAGENET_CLASSES[999]).toEqual({
      id: 'n15075141',
      names: ['toilet tissue', 'toilet paper', 'bathroom tissue'],
    });
  });
});

describe('bundles', () => {
  const bundle = async (name: string, index: string) => {
    const { outputFiles } = await build({
      stdin: { contents: `export { ${name} } from '${index}'`, resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: 'esm',
      external: ['@resnet/*', '@tensorflow/*', '#*'],
    });
    return outputFiles[0]!.text;
  };

  it('have the classes only if they use them', async () => {
    const index = join(import.meta.dirname, '../index.js');
    expect(await bundle('padAndCrop', index)).not.toContain('n01440764');
    expect(await bundle('imagenetClass', index)).toContain('n01440764');
  });
});

describe('imagenetClass', () => {
  it('finds classes by id and by any name', () => {
    expect(imagenetClass('n01440764')).toBe(0);
    expect(imagenetClass('tench')).toBe(0);
    expect(imagenetClass('Tinca tinca')).toBe(0);
    expect(imagenetClass('TOILET PAPER')).toBe(999);
    expect(imagenetClass('crane bird')).toBe(134);
    for (const [label, { id }] of IMAGENET_CLASSES.entries()) expect(imagenetClass(id)).toBe(label);
  });

  it('tells classes apart by their capitals where nothing else does', () => {
    expect([imagenetClass('Cardigan'), imagenetClass('cardigan')]).toEqual([264, 474]);
    expect(() => imagenetClass('CARDIGAN')).toThrow(coded('UNKNOWN_NAME', 'n02113186'));
  });

  it('names both classes of a name that two have', () => {
    expect(() => imagenetClass('crane')).toThrow(
      coded('UNKNOWN_NAME', 'n02012849 (crane, crane bird); n03126707 (crane)'),
    );
    expect(() => imagenetClass('maillot')).toThrow(coded('UNKNOWN_NAME', 'n03710637'));
  });

  it('suggests the nearest name', () => {
    expect(() => imagenetClass('tensh')).toThrow(coded('UNKNOWN_NAME', "Did you mean 'tench'?"));
    expect(() => imagenetClass('n01440765')).toThrow(coded('UNKNOWN_NAME', "Did you mean 'n01440764'?"));
  });
});
