// Numbers that scripts/fixtures/named_numbers.py makes as well, so that fixtures need not hold them.

/** FNV-1a, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/** A random 32-bit integer, of a name's hash and an index (lowbias32 by Chris Wellons). */
export function bits(hash: number, index: number): number {
  let x = (hash + Math.imul(index, 0x9e3779b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A number in [-1, 1) of 24 bits. */
export function uniform(hash: number, index: number): number {
  return (bits(hash, index) >>> 8) * 2 ** -23 - 1;
}
