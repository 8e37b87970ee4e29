import { randomValues } from '../measuring/random-values.js';

/** Images of noise, the same at every call: [count, 3, size, size]. */
export function imageValues(count: number, size: number) {
  const shape: [number, number, number, number] = [count, 3, size, size];
  return { values: randomValues(count * 3 * size * size), shape };
}
