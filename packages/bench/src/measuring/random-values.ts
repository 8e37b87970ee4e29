/**
 * A source of uniform numbers of mean 0 and variance 1, the same at every call, from the simplest of generators
 * (Numerical Recipes): good enough for timing, and fast enough for the weights of a large network.
 */
export function randomSource(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * Math.sqrt(12);
  };
}

/** The first numbers of the source. */
export function randomValues(length: number): Float32Array {
  const next = randomSource();
  const values = new Float32Array(length);
  for (let index = 0; index < length; index++) values[index] = next();
  return values;
}
