import type { Random } from '../../../packages/core/src/index.js';

/** Else modern-tar writes the time of the run, and a seed would not give the same files again. */
export const mtime = new Date(0);

/** An entry of a tar, as modern-tar packs it. */
export const entry = (name: string, body: Uint8Array) => ({
  header: { name, size: body.length, mtime },
  body,
});

/** A tar whose headers have the right checksums, three times of four. */
export function withChecksums(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.int(4) === 0) return bytes;
  const tar = Buffer.from(bytes);
  for (let start = 0; start + 512 <= tar.length; start += 512) {
    if (tar.toString('latin1', start + 257, start + 262) !== 'ustar') continue;
    tar.fill(' ', start + 148, start + 156);
    const sum = tar.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, start + 148);
  }
  return new Uint8Array(tar);
}
