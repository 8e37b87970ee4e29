/** Whether `value` can count things that are held in memory or in a file: a safe integer, not negative. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** How many values a tensor of this shape has; undefined if `shape` is no list of counts or they multiply past 2^53. */
export function valuesOf(shape: unknown): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  let values = 1;
  for (const dimension of shape) {
    if (!isCount(dimension)) return undefined;
    values *= dimension;
    if (!isCount(values)) return undefined;
  }
  return values;
}
