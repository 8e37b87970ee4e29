import { median } from '../measuring/median.js';
import { nameOf, regionPeers } from '../measuring/peer.js';
import { cell, printTable, speedup } from '../measuring/table.js';
import { measureInTurns, runPeer } from '../measuring/turns.js';
import type { DetectionMeasurement } from './measure-detection.js';

/**
 * Prints a table of the detection of one image by Faster R-CNN on a ResNet-50 with a pyramid: this project and torchvision, with random
 * weights, and where this project's time goes.
 */
export async function compareDetection({
  turns,
  seconds,
}: {
  turns: number;
  seconds: number;
}): Promise<void> {
  const results = await measureInTurns({
    ...{ peers: regionPeers, turns, title: 'detection' },
    measure: (peer) => runPeer('measure-detection', peer, [seconds]) as DetectionMeasurement,
  });
  const middle = (
    measured: readonly DetectionMeasurement[],
    of: (measurement: DetectionMeasurement) => number | undefined,
  ) => median(measured.map(of).filter((value) => value !== undefined));
  const timeOf = (library: string, threads: number) => {
    const peer = regionPeers.find((known) => known.library === library && known.threads === threads)!;
    return middle(results.get(peer) ?? [], ({ milliseconds }) => milliseconds);
  };
  console.log('\nfasterrcnn_resnet50_fpn, one image in a batch of 800 × 1088\n');
  printTable(
    ['', 'ms', 'times torchvision', 'most MB of the process', 'regions'],
    [...results].map(([peer, measured]) => {
      const time = middle(measured, ({ milliseconds }) => milliseconds);
      const peak = middle(measured, ({ peakMegabytes }) => peakMegabytes);
      const regions = middle(measured, (each) => each.regions);
      return [
        ...[nameOf(peer), cell(time), speedup(timeOf('pytorch', peer.threads), time), cell(peak)],
        cell(regions),
      ];
    }),
  );
  for (const [peer, measured] of results) {
    const parts = Object.keys(measured[0]?.parts ?? {}) as (keyof NonNullable<
      DetectionMeasurement['parts']
    >)[];
    if (parts.length === 0) continue;
    const total = middle(measured, ({ milliseconds }) => milliseconds)!;
    console.log(`\n${nameOf(peer)}\n`);
    const rows = parts.map((part) => {
      const time = middle(measured, (each) => each.parts?.[part])!;
      return [part, cell(time), cell((100 * time) / total, 0, ' %')];
    });
    printTable(['', 'ms', 'of the time'], rows);
  }
}
