import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { install, type Kernels } from '../install.js';
import { DIRECT, Exactness, WINOGRAD } from './exactness.js';
import type { Windows } from './windows.js';

export interface Configuration {
  title: string;
  /** Each configuration gets shapes of its own. */
  seed: number;
  relaxedSimd: boolean;
  winograd: boolean;
}

export const directConfigurations: Configuration[] = [
  { title: 'relaxed SIMD, direct', seed: 1, relaxedSimd: true, winograd: false },
  { title: 'plain SIMD, direct', seed: 2, relaxedSimd: false, winograd: false },
];
export const allConfigurations: Configuration[] = [
  { title: 'relaxed SIMD, Winograd', seed: 3, relaxedSimd: true, winograd: true },
  { title: 'plain SIMD, Winograd', seed: 4, relaxedSimd: false, winograd: true },
  ...directConfigurations,
];

/** Runs a suite with the kernels installed in each of the configurations, on one thread. */
export function describeEach(
  configurations: Configuration[],
  suite: (configuration: Configuration, exactness: Exactness) => void,
): void {
  describe.each(configurations)('$title', (configuration) => {
    const { title, relaxedSimd, winograd } = configuration;
    const exactness = new Exactness(title);
    let kernels: Kernels;
    beforeAll(async () => {
      await tf.setBackend('wasm');
      kernels = await install({ relaxedSimd, winograd, threads: 1 });
      const expected = ['simd', ...(relaxedSimd ? ['relaxed-simd'] : []), ...(winograd ? ['winograd'] : [])];
      expect(kernels.features).toEqual(expected);
    });
    afterAll(() => {
      kernels.dispose();
      exactness.report();
    });
    suite(configuration, exactness);
  });
}

/** How exact a convolution must be: Winograd's algorithm is for 3×3 filters of stride 1. */
export function toleranceOf({ winograd }: Configuration, windows: Windows): number {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = windows;
  const is3x3 = filterHeight === 3 && filterWidth === 3;
  const isDense = strideHeight * strideWidth * dilationHeight * dilationWidth === 1;
  return winograd && is3x3 && isDense ? WINOGRAD : DIRECT;
}
