import { median } from '../measuring/median.js';
import type { Peak } from '../measuring/peak.js';
import { countThreads, kernelPeers, type Library } from '../measuring/peer.js';
import { cell, printTable, speedup } from '../measuring/table.js';
import { measureInTurns, runPeer } from '../measuring/turns.js';
import type { KernelCase } from './cases/case.js';
import { kernelCases } from './cases/index.js';
import type { KernelTimes } from './measure-kernels.js';

const header = [
  'kernel',
  'ms',
  'rate',
  'of peak',
  'plain tfjs ms',
  'onnxruntime ms',
  'times plain tfjs',
  'times onnxruntime',
];

/** Prints a table for each number of threads: the kernels whose names contain the text, in all libraries. */
export async function compareKernels(
  text: string,
  { turns, peak }: { turns: number; peak: Peak },
): Promise<void> {
  const results = await measureInTurns({
    ...{ peers: kernelPeers, turns, title: 'kernels' },
    measure: (peer) => runPeer('measure-kernels', peer, [text]) as KernelTimes,
  });
  for (const threads of new Set(kernelPeers.map((peer) => peer.threads))) {
    const timeOf = (library: Library, name: string) => {
      const peer = kernelPeers.find(
        (candidate) => candidate.library === library && candidate.threads === threads,
      );
      const times = (peer ? results.get(peer)! : []).map((measured) => measured[name]);
      return median(times.filter((time) => time !== undefined));
    };
    const gigaflops = threads * peak.gigaflopsPerSecond;
    console.log(`\n${countThreads(threads)}, peak ${gigaflops.toFixed(1)} GFLOP/s\n`);
    const rows = kernelCases(text).map(({ name, work }) => {
      const [ours, plain, onnx] = [
        timeOf('ours', name),
        timeOf('plain-tfjs', name),
        timeOf('onnxruntime', name),
      ];
      return [
        name,
        cell(ours, 3),
        ...rates(work, ours, gigaflops),
        cell(plain, 3),
        cell(onnx, 3),
        speedup(plain, ours),
        speedup(onnx, ours),
      ];
    });
    printTable(header, rows);
  }
}

/** The speed of arithmetic and its share of the peak, or the speed of memory. */
function rates(
  work: KernelCase['work'],
  milliseconds: number | undefined,
  peakGigaflopsPerSecond: number,
): string[] {
  const perSecond = (amount: number) =>
    milliseconds === undefined ? undefined : amount / milliseconds / 1e6;
  if ('bytes' in work) return [cell(perSecond(work.bytes), 1, ' GB/s'), cell(undefined)];
  const gigaflops = perSecond(2 * work.multiplyAdds);
  return [
    cell(gigaflops, 1, ' GFLOP/s'),
    cell(gigaflops && (100 * gigaflops) / peakGigaflopsPerSecond, 0, ' %'),
  ];
}
