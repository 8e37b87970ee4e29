import { bytesOf } from '../kernels/cases/tensors.js';
import { median } from '../measuring/median.js';
import { countThreads, type Library, regionPeers } from '../measuring/peer.js';
import { cell, printTable, speedup } from '../measuring/table.js';
import { measureInTurns, runPeer } from '../measuring/turns.js';
import type { RegionTimes } from './measure-regions.js';
import { coarseShape, grid, mapShape, REGIONS } from './workload.js';

const result = [REGIONS, ...grid.size, mapShape[3]];

/** Bytes of all that goes in and comes out, each tensor counted once: what no kernel can do without. */
const BYTES: Record<string, number> = {
  RoIAlign: bytesOf(mapShape, result),
  'RoIAlign, gradient': bytesOf(result, mapShape),
  'RoI max pooling': bytesOf(mapShape, result),
  'RoI max pooling, gradient': bytesOf(mapShape, result, result, mapShape),
  'nearest upsampling': bytesOf(coarseShape, mapShape),
  'nearest upsampling, gradient': bytesOf(mapShape, coarseShape),
};

/** Prints a table for each number of threads: operations on the regions of a map, and what the memory alone would take. */
export async function compareRegions({ turns }: { turns: number }): Promise<void> {
  const results = await measureInTurns({
    ...{ peers: regionPeers, turns, title: 'regions' },
    measure: (peer) => runPeer('measure-regions', peer, []) as RegionTimes,
  });
  for (const threads of new Set(regionPeers.map((peer) => peer.threads))) {
    const timeOf = (library: Library, name: string) => {
      const peer = regionPeers.find((known) => known.library === library && known.threads === threads)!;
      const times = (results.get(peer) ?? []).map((measured) => measured[name]);
      return median(times.filter((time) => time !== undefined));
    };
    const sum = timeOf('ours', 'sum');
    const bytesPerMillisecond = sum && bytesOf(mapShape, mapShape, mapShape) / sum;
    console.log(
      `\n${REGIONS} regions of a map of ${mapShape.slice(1).join(' × ')}, ${grid.size.join(' × ')} cells; ${countThreads(threads)}. ` +
        `The sum of two such maps: ${cell(bytesPerMillisecond && bytesPerMillisecond / 1e6, 1, ' GB/s')}.\n`,
    );
    const rows = Object.entries(BYTES).map(([name, bytes]) => {
      const [ours, torchvision] = [timeOf('ours', name), timeOf('pytorch', name)];
      const floor = bytesPerMillisecond && bytes / bytesPerMillisecond;
      const share = floor && ours && (100 * floor) / ours;
      return [
        ...[name, cell(bytes / 1e6, 0, ' MB'), cell(floor, 1), cell(ours, 1), cell(share, 0, ' %')],
        ...[cell(torchvision, 1), speedup(torchvision, ours)],
      ];
    });
    const header = [
      '',
      'in and out',
      'at that speed ms',
      'ms',
      'of it',
      'torchvision ms',
      'times torchvision',
    ];
    printTable(header, rows);
  }
}
