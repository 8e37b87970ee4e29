import { useBackend } from '@resnet/backend';
import { summarize } from '@resnet/zoo';
import { median } from '../measuring/median.js';
import type { Peak } from '../measuring/peak.js';
import { inferencePeers, nameOf, type Peer, trainingPeers } from '../measuring/peer.js';
import { ratioColumns, ratioNote } from '../measuring/ratios.js';
import { cell, printTable } from '../measuring/table.js';
import { measureInTurns, runPeer } from '../measuring/turns.js';
import { isImageNetName } from '../networks/imagenet.js';
import { createNetwork } from '../networks/ours.js';
import type { Task } from '../networks/workload.js';
import type { NetworkMeasurement } from './measure-network.js';
import { reportDifference } from './report-difference.js';

/** Prints a table of all libraries that can do the task, each measured in so many turns of so many seconds. */
export async function compareNetworks(
  task: Task,
  { turns, seconds, peak }: { turns: number; seconds: number; peak: Peak },
): Promise<void> {
  const { network, batchSize, mode } = task;
  const title = `${network}, batch ${batchSize}, ${mode}`;
  // Networks for ImageNet have the same weights everywhere; those for CIFAR in plain tfjs have others.
  const isSameEverywhere = isImageNetName(network);
  const results = await measureInTurns({
    measure: (peer) =>
      runPeer('measure-network', peer, [network, batchSize, mode, seconds]) as NetworkMeasurement,
    peers: mode === 'infer' ? inferencePeers : trainingPeers,
    turns,
    title,
  });

  const gigaflops = await workOf(task);
  const milliseconds = (peer: Peer) => medianOf(results.get(peer), (result) => result.milliseconds);
  const ratios = ratioColumns([...results.keys()], milliseconds);
  const rows = [...results].map(([peer, measured]) => {
    const time = milliseconds(peer);
    const perSecond = (amount: number) => (time === undefined ? undefined : (1000 * amount) / time);
    const share = perSecond(gigaflops / peak.gigaflopsPerSecond / peer.threads);
    return [
      nameOf(peer),
      cell(time, 1),
      cell(perSecond(batchSize), 1),
      cell(perSecond(gigaflops), 1),
      cell(share && 100 * share, 0, ' %'),
      ...ratios.cellsOf(peer),
      cell(medianOf(measured, (result) => result.peakMegabytes)),
      cell(medianOf(measured, (result) => result.heapMegabytes)),
      cell(medianOf(measured, (result) => result.residentMegabytes)),
    ];
  });
  console.log(`\n${title}: ${gigaflops.toFixed(1)} GFLOP\n`);
  const memory = ['peak MB of tensors', 'WASM heap MB', 'process MB'];
  printTable(['', 'ms', 'images/s', 'GFLOP/s', 'of peak', ...ratios.header, ...memory], rows);
  console.log(ratioNote);
  for (const [peer, measured] of results) {
    if (measured.length === 0) console.log(`\n${nameOf(peer)}, failed: the reason is among the messages.`);
  }
  if (isSameEverywhere) reportDifference(results);
}

function medianOf(
  measured: NetworkMeasurement[] | undefined,
  value: (measurement: NetworkMeasurement) => number | undefined,
): number | undefined {
  return median((measured ?? []).map(value).filter((number) => number !== undefined));
}

/**
 * Billions of floating-point operations: two for a multiply-add. A training step takes three times the forward
 * pass, without the gradient of the images.
 */
async function workOf({ network, batchSize, mode }: Task): Promise<number> {
  const backend = await useBackend('cpu');
  const model = createNetwork(network);
  const { multiplyAdds, layers } = summarize(model);
  model.dispose();
  backend.dispose();
  const perImage = mode === 'infer' ? multiplyAdds : 3 * multiplyAdds - layers[0]!.multiplyAdds;
  return (2 * perImage * batchSize) / 1e9;
}
