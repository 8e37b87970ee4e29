import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nameOf, type Peer } from './peer.js';
import { installed, runPytorch } from './pytorch.js';

interface Turns<T> {
  peers: readonly Peer[];
  turns: number;
  /** What is measured, for the lines that show progress. */
  title: string;
  measure(peer: Peer): T | Promise<T>;
}

/**
 * Measures every peer that is installed several times in turn, so that a change of the machine's mood meets all of them.
 *
 * @returns what was measured at each turn, by peer; of a turn that failed there is nothing
 */
export async function measureInTurns<T>({ peers, turns, title, measure }: Turns<T>): Promise<Map<Peer, T[]>> {
  const results = new Map<Peer, T[]>(peers.filter(installed).map((peer) => [peer, []]));
  for (let turn = 1; turn <= turns; turn++) {
    for (const [peer, measured] of results) {
      process.stderr.write(`${title}, turn ${turn} of ${turns}: ${nameOf(peer)}\n`);
      try {
        measured.push(await measure(peer));
      } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        const reason = stderr?.match(/^\w*Error: .*/m)?.[0] ?? message;
        process.stderr.write(`${nameOf(peer)} failed: ${reason}\n`);
      }
    }
  }
  return results;
}

/**
 * Measures a peer in a separate process, so that none sees the kernels or the heap of another: the script takes its library, its
 * threads and `args`, and prints one line of JSON.
 */
export function runPeer(
  script:
    | 'measure-kernels'
    | 'measure-network'
    | 'measure-evaluation'
    | 'measure-regions'
    | 'measure-detection',
  { library, threads }: Peer,
  args: (string | number)[],
): unknown {
  if (library === 'pytorch') return runPytorch(script.replace('-', '_'), threads, args);
  return runScript(script, [library, threads, ...args]);
}

/** Runs a script of this folder in a separate process, and gives the line of JSON that it prints. */
export function runScript(script: string, args: (string | number)[]): unknown {
  const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const command = ['--expose-gc', path, ...args.map(String)];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', stdio: 'pipe' }));
}
