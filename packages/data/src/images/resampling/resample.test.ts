import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resize } from '../../transforms/resize.js';
import type { Image } from '../image.js';
import { resizeModule } from './resize-module.js';
import { resampleScalar } from './scalar.js';
import { resampleVector } from './vector.js';
import { type ResizeFilter, weightsFor } from './weights.js';

const module = resizeModule()!;

/** What a test resizes: the window of a region of an image, along each side. */
const sides = fc
  .record({ before: fc.nat(7), from: fc.integer({ min: 1, max: 70 }), after: fc.nat(7) })
  .chain(({ before, from, after }) =>
    fc.integer({ min: 1, max: 90 }).chain((to) =>
      fc.nat(to - 1).chain((first) =>
        fc.integer({ min: 1, max: to - first }).map((count) => ({
          ...{ before, from, whole: before + from + after },
          ...{ to, first, count },
        })),
      ),
    ),
  );
const jobs = fc.record({
  vertical: sides,
  horizontal: sides,
  channels: fc.constantFrom(1, 3, 4),
  filter: fc.constantFrom<ResizeFilter>('bilinear', 'bicubic'),
  seed: fc.nat(),
});

/** Pixels without a pattern, half of them black or white, which is where sums overflow first. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    const byte = state >>> 24;
    return state & 0x10000 ? byte : byte < 128 ? 0 : 255;
  });
}

function image(height: number, width: number, channels: number, seed = 1): Image {
  return { pixels: noise(height * width * channels, seed), height, width, channels };
}

describe('resizing in WebAssembly', () => {
  it('starts here', () => {
    expect(module).toBeDefined();
  });

  it('gives the bytes that JavaScript gives, whatever the sizes, filter and crop', () => {
    fc.assert(
      fc.property(jobs, ({ vertical, horizontal, channels, filter, seed }) => {
        const source = image(vertical.whole, horizontal.whole, channels, seed);
        const corner = { top: vertical.before, left: horizontal.before };
        const [across, down] = [horizontal, vertical].map(({ from, to, first, count }) =>
          weightsFor(from, to, first, count, filter),
        );
        const expected = resampleScalar(source, corner, across!, down!);
        expect(resampleVector(module, source, corner, across!, down!)).toEqual(expected);
      }),
      { numRuns: 1500 },
    );
  });

  it.each([
    [1, 'bilinear'],
    [3, 'bicubic'],
    [4, 'bilinear'],
  ] as const)('gives them in bands as well, when memory is short: %i channels, %s', (channels, filter) => {
    const source = image(120, 90, channels);
    const corner = { top: 0, left: 0 };
    for (const height of [40, 119, 240]) {
      const across = weightsFor(90, 61, 0, 61, filter);
      const down = weightsFor(120, height, 0, height, filter);
      const expected = resampleScalar(source, corner, across, down);
      const sizes = [2, 20, 24, 28, 32, 36, 40, 48, 64, 256].map((kilobytes) =>
        resampleVector(module, source, corner, across, down, kilobytes * 1024),
      );
      expect(sizes[0]).toBeUndefined();
      expect(sizes.filter((result) => result !== undefined).length).toBeGreaterThan(2);
      for (const result of sizes) if (result) expect(result).toEqual(expected);
    }
  });

  it('gives the bytes of black and white, and of the steepest weights', () => {
    for (const filter of ['bilinear', 'bicubic'] as const) {
      for (const channels of [1, 3, 4]) {
        for (const to of [1, 2, 3, 500]) {
          const source = image(3, 2000, channels, to);
          const across = weightsFor(2000, to, 0, to, filter);
          const down = weightsFor(3, 50, 0, 50, filter);
          const expected = resampleScalar(source, { top: 0, left: 0 }, across, down);
          expect(resampleVector(module, source, { top: 0, left: 0 }, across, down)).toEqual(expected);
        }
      }
    }
  });

  it('leaves other numbers of channels to JavaScript', () => {
    const source = image(6, 5, 2);
    const weights = weightsFor(5, 4, 0, 4, 'bilinear');
    expect(resampleVector(module, source, { top: 0, left: 0 }, weights, weights)).toBeUndefined();
    expect(resize(source, { height: 4, width: 4 }).pixels.length).toBe(4 * 4 * 2);
  });

  it('keeps its memory, and no more than 64 MB of it', () => {
    const large = image(6000, 4000, 3);
    const small = resize(image(3, 3, 3), { height: 6, width: 6 });
    const result = resize(large, { height: 5990, width: 3990 });
    expect(result.pixels.length).toBe(5990 * 3990 * 3);
    expect(module.memory.buffer.byteLength).toBeLessThanOrEqual(64 * 2 ** 20);
    const rows = { top: 2990, left: 0 };
    const window = weightsFor(4000, 3990, 0, 3990, 'bilinear');
    const part = weightsFor(6000, 5990, 2990, 3, 'bilinear');
    const expected = resampleScalar(large, { ...rows, top: 0 }, window, part);
    expect(result.pixels.subarray(2990 * 3990 * 3, 2993 * 3990 * 3)).toEqual(expected.pixels);
    expect(resize(image(3, 3, 3), { height: 6, width: 6 })).toEqual(small);
  });
});

describe('without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('resizes to the same bytes in JavaScript', async () => {
    const source = image(40, 30, 3);
    const size = { height: 17, width: 23 };
    const expected = resize(source, size);
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    const fresh = await import('../../transforms/resize.js');
    const { resizeModule: freshModule } = await import('./resize-module.js');
    expect(freshModule()).toBeUndefined();
    expect(fresh.resize(source, size)).toEqual(expected);
  });
});
