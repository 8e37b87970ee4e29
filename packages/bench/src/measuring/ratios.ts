import { isInt8, type Library, libraryNames, type Peer } from './peer.js';
import { speedup } from './table.js';

/** What others are compared with, where it was measured. */
const references = ['plain-tfjs', 'onnxruntime', 'litert', 'pytorch'] as const;

export const ratioNote =
  '\nRatios are to the same number of threads and, where it was measured, the same precision; to plain tfjs on one thread.';

/** Columns that say how many times as fast a peer is as each of the other libraries. */
export function ratioColumns(
  peers: readonly Peer[],
  timeOf: (peer: Peer) => number | undefined,
): { header: string[]; cellsOf(peer: Peer): string[] } {
  const find = (library: string, threads: number) =>
    peers.find((peer) => peer.library === library && peer.threads === threads);
  const measured = references.filter((library) => find(library, 1));
  const referenceFor = (peer: Peer, library: Library) => {
    const inBytes = isInt8(peer) ? find(`${library}-int8`, peer.threads) : undefined;
    return inBytes ?? find(library, library === 'plain-tfjs' ? 1 : peer.threads);
  };
  return {
    header: measured.map((library) => `times ${libraryNames[library]}`),
    cellsOf: (peer) =>
      measured.map((library) => {
        const reference = referenceFor(peer, library);
        return speedup(reference && timeOf(reference), timeOf(peer));
      }),
  };
}
