import { median } from '../measuring/median.js';
import { kernelPeers, nameOf } from '../measuring/peer.js';
import { cell, machine, printTable } from '../measuring/table.js';
import { measureInTurns, runPeer } from '../measuring/turns.js';
import { isImageNetName } from '../networks/imagenet.js';
import type { EvaluationMeasurement } from './measure-evaluation.js';

/** Images of an evaluation: some ten seconds of one thread. */
const tasks = [
  { network: 'resnet20', count: 5120 },
  { network: 'resnet50', count: 96 },
];

/** Prints how many images a second `evaluate` tests, by this project's kernels and by onnxruntime-web. */
export async function compareEvaluations(
  folder: string | undefined,
  { turns }: { turns: number },
): Promise<void> {
  console.log(machine());
  for (const { network, count } of tasks) {
    const files = isImageNetName(network) ? folder : undefined;
    const args = [network, count, ...(files ? [files] : [])];
    const results = await measureInTurns({
      measure: (peer) => runPeer('measure-evaluation', peer, args) as EvaluationMeasurement,
      peers: kernelPeers.filter(({ library }) => library !== 'plain-tfjs'),
      turns,
      title: `${network}, ${count} images`,
    });
    const measured = [...results].map(([peer, found]) => ({
      peer,
      speed: median(found.map(({ imagesPerSecond }) => imagesPerSecond)),
      loss: found[0]?.loss,
    }));
    const images = isImageNetName(network)
      ? `${files ? 'image files, decoded and' : 'images of 500 × 375,'} scaled to crops of 224 × 224, batch 8`
      : 'images of 32 × 32, batch 128';
    console.log(`\n${network}: ${count} ${images}\n`);
    printTable(
      ['', 'images/s', 'times onnxruntime', 'loss'],
      measured.map(({ peer, speed, loss }) => {
        const other = measured.find(
          (entry) => entry.peer.library === 'onnxruntime' && entry.peer.threads === peer.threads,
        )?.speed;
        const times = speed !== undefined && other !== undefined ? speed / other : undefined;
        return [nameOf(peer), cell(speed, 1), cell(times, 2), cell(loss, 4)];
      }),
    );
  }
}
