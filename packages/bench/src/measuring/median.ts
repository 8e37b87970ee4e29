/** The value in the middle, or undefined of none. */
export function median(values: number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Milliseconds that `run` takes: the median of as many runs as fit into `seconds`, and of two at least. */
export async function medianTime(run: () => unknown, seconds: number): Promise<number> {
  const times: number[] = [];
  const until = performance.now() + 1000 * seconds;
  while (times.length < 2 || performance.now() < until) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return median(times)!;
}
