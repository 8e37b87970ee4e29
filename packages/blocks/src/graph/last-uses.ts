/**
 * For each step, the names of its inputs that no later step takes.
 *
 * @param steps in the order in which they are computed
 * @param kept values that are never among them: the inputs, which are the caller's, and results
 */
export function lastUses(
  steps: readonly { inputs: readonly string[] }[],
  kept: ReadonlySet<string>,
): string[][] {
  const last = new Map<string, number>();
  for (const [index, { inputs }] of steps.entries()) {
    for (const input of inputs) last.set(input, index);
  }
  return steps.map(({ inputs }, index) =>
    [...new Set(inputs)].filter((input) => !kept.has(input) && last.get(input) === index),
  );
}
