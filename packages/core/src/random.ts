import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { ResnetError } from './error.js';

/**
 * A seeded source of random numbers. The same seed and stream give the same numbers on every platform.
 *
 * A stream is any list of integers that identifies one use, such as `new Random(seed, epoch, index)`: the numbers for one image then
 * depend only on its index, however many workers draw.
 */
export class Random {
  readonly #generator;
  #spareNormal: number | undefined;

  /** @throws OPTION_INVALID if the seed or the stream holds anything but integers */
  constructor(seed: number, ...stream: number[]) {
    if (![seed, ...stream].every(Number.isSafeInteger)) {
      throw new ResnetError(
        'OPTION_INVALID',
        `A seed must be an integer, found ${[seed, ...stream].join(', ')}.`,
      );
    }
    this.#generator = xoroshiro128plusFromState(stateOf([seed, ...stream]));
  }

  /** A uniform integer from 0 to `below` - 1. */
  int(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** A uniform number in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** A number from the standard normal distribution (Box-Muller). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const value = this.#spareNormal;
      this.#spareNormal = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** The integers from 0 to `length` - 1 in random order (Fisher-Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last--) {
      const other = this.int(last + 1);
      const value = order[last]!;
      order[last] = order[other]!;
      order[other] = value;
    }
    return order;
  }
}

/** Four well-mixed words, so that similar seeds and streams give unrelated numbers. */
function stateOf(words: number[]): number[] {
  const state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];
  for (const word of words) {
    const halves = [word | 0, Math.floor(word / 2 ** 32) | 0];
    for (const half of halves) {
      for (let i = 0; i < 4; i++) state[i] = mix((state[i]! ^ half) + state[(i + 3) % 4]! + i);
    }
  }
  return state;
}

/** The 32-bit finalizer of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every output bit. */
function mix(word: number): number {
  let value = word | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) | 0;
}
