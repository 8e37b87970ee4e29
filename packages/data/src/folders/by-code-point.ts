/** Compares strings by code points, as Python does: the same on every machine, unlike the order of a language. */
export function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let position = 0; position < shorter; position++) {
    const [unitA, unitB] = [a.charCodeAt(position), b.charCodeAt(position)];
    if (unitA !== unitB) return orderOf(unitA) - orderOf(unitB);
  }
  return a.length - b.length;
}

/** Surrogates encode code points above all those of single units. */
function orderOf(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}
