import { useBackend } from '@resnet/backend';
import { summarize } from '@resnet/zoo';
import { median } from '../measuring/median.js';
import type { Peak } from '../measuring/peak.js';
import { inferencePeers, isInt8, nameOf, type Peer, trainingPeers } from '../measuring/peer.js';
import { cell, printTable, speedup } from '../measuring/table.js';
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
  const timeOf = (library: string, threads: number) => {
    const found = [...results.keys()].find((peer) => peer.library === library && peer.threads === threads);
    return found && milliseconds(found);
  };
  const hasPytorch = [...results.keys()].some(({ library }) => library === 'pytorch');
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
      speedup(timeOf('plain-tfjs', 1), time),
      ...['onnxruntime', 'litert'].map((other) =>
        speedup(timeOf(isInt8(peer) ? `${other}-int8` : other, peer.threads), time),
      ),
      ...(hasPytorch ? [speedup(timeOf('pytorch', peer.threads), time)] : []),
      cell(medianOf(measured, (result) => result.peakMegabytes)),
      cell(medianOf(measured, (result) => result.heapMegabytes)),
      cell(medianOf(measured, (result) => result.residentMegabytes)),
    ];
  });
  console.log(`\n${title}: ${gigaflops.toFixed(1)} GFLOP\n`);
  const memory = ['peak MB of tensors', 'WASM heap MB', 'process MB'];
  const ratios = ['plain tfjs', 'onnxruntime', 'LiteRT.js', ...(hasPytorch ? ['PyTorch'] : [])];
  printTable(
    ['', 'ms', 'images/s', 'GFLOP/s', 'of peak', ...ratios.map((other) => `times ${other}`), ...memory],
    rows,
  );
  console.log(
    '\nRatios are to the same number of threads, but for plain tfjs; to onnxruntime-web and LiteRT.js of the same precision.',
  );
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
