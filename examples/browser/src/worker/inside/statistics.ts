/** Of all values that a layer gives for one image. */
export interface Statistics {
  mean: number;
  /** Of all values, not of a sample. */
  std: number;
  smallest: number;
  largest: number;
  /** Of values that are 0; from 0 to 1. */
  zeroShare: number;
}

export function statisticsOf(values: Float32Array): Statistics {
  let [sum, zeros, smallest, largest] = [0, 0, Infinity, -Infinity];
  for (const value of values) {
    sum += value;
    if (value === 0) zeros++;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  const mean = sum / values.length;
  return { mean, std: deviation(values, mean), smallest, largest, zeroShare: zeros / values.length };
}

/** The standard deviation of all values. */
export function stdOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return deviation(values, sum / values.length);
}

function deviation(values: Float32Array, mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

/** How many channels are 0 at every position. @param values with the channels last */
export function countDead(values: Float32Array, channels: number): number {
  const isAlive = new Array<boolean>(channels).fill(false);
  for (const [index, value] of values.entries()) if (value !== 0) isAlive[index % channels] = true;
  return isAlive.filter((alive) => !alive).length;
}
