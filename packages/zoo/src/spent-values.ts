/**
 * For each layer, the values that nothing needs any more behind it, by name. The network's input, which is the caller's, is
 * never one of them.
 *
 * @param layers in the order in which they are computed
 */
export function spentValues(layers: readonly { inputs: readonly string[] }[]): string[][] {
  const lastUses = new Map<string, number>();
  for (const [place, { inputs }] of layers.entries()) {
    for (const input of inputs) lastUses.set(input, place);
  }
  return layers.map(({ inputs }, place) =>
    [...new Set(inputs)].filter((input) => input !== 'input' && lastUses.get(input) === place),
  );
}
