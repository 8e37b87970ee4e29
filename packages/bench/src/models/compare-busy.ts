import { spawn } from 'node:child_process';
import os from 'node:os';
import { median } from '../measuring/median.js';
import { countThreads, inferencePeers, nameOf, type Peer } from '../measuring/peer.js';
import { installed } from '../measuring/pytorch.js';
import { cell, printTable } from '../measuring/table.js';
import { measureInTurns, runPeer } from '../measuring/turns.js';
import type { NetworkMeasurement } from './measure-network.js';

/** A program that keeps cores busy, as others on a user's machine do. */
const OTHER = 'for (;;);';

/**
 * Prints how long an image takes on one thread and on two, alone and while another process takes a core, and what the second
 * thread gains. It must not cost anything where the core is not free.
 */
export async function compareBusy(
  network: string,
  { turns, seconds }: { turns: number; seconds: number },
): Promise<void> {
  const compared = inferencePeers.filter((peer) => installed(peer) && peer.library !== 'plain-tfjs');
  const measure = async (title: string) => {
    const results = await measureInTurns({
      ...{ peers: compared, turns, title: `${network}, ${title}` },
      measure: (peer) =>
        runPeer('measure-network', peer, [network, 1, 'infer', seconds]) as NetworkMeasurement,
    });
    return (peer: Peer) => median(results.get(peer)!.map(({ milliseconds }) => milliseconds));
  };
  const alone = await measure('alone');
  const others = Array.from({ length: Math.max(1, os.availableParallelism() - 1) }, () =>
    spawn(process.execPath, ['-e', OTHER], { stdio: 'ignore' }),
  );
  let beside: typeof alone;
  try {
    beside = await measure(`${others.length} of ${os.availableParallelism()} cores taken`);
  } finally {
    for (const other of others) other.kill('SIGKILL');
  }
  const gain = (time: typeof alone, library: Peer['library']) => {
    const [one, two] = [1, 2].map((threads) =>
      time(compared.find((peer) => peer.library === library && peer.threads === threads)!),
    );
    return one === undefined || two === undefined ? undefined : one / two;
  };
  console.log(
    `\n${network}, one image, ${others.length} of ${os.availableParallelism()} cores taken by another program\n`,
  );
  const header = ['', 'ms alone', 'ms on a busy machine', 'times as long'];
  printTable(
    header,
    compared.map((peer) => {
      const [free, busy] = [alone(peer), beside(peer)];
      return [nameOf(peer), cell(free, 1), cell(busy, 1), cell(free && busy && busy / free, 2)];
    }),
  );
  console.log(`\n${countThreads(2)} are so many times as fast as one:\n`);
  printTable(
    ['', 'alone', 'on a busy machine'],
    [...new Set(compared.map(({ library }) => library))].map((library) => [
      nameOf({ library, threads: 2 }).replace(', 2 threads', ''),
      cell(gain(alone, library), 2),
      cell(gain(beside, library), 2),
    ]),
  );
}
