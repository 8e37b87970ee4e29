import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nameOf, type Peer } from './peer.js';
import { installed, runPytorch } from './pytorch.js';

interface Turns {
  /** The script that measures one peer: it takes its library, its threads and `args`, and prints one line of JSON. */
  script: 'measure-kernels' | 'measure-network' | 'measure-evaluation';
  args: (string | number)[];
  peers: Peer[];
  turns: number;
  /** What is measured, for the lines that show progress. */
  title: string;
}

/**
 * Measures every peer several times in turn, so that a change of the machine's mood meets all of them, each time in a
 * separate process, so that none sees the kernels or the heap of another.
 *
 * @returns what the script printed at each turn, by peer that is installed; of a turn that failed there is nothing
 */
export function measureInTurns<T>({ script, args, peers, turns, title }: Turns): Map<Peer, T[]> {
  const results = new Map<Peer, T[]>(peers.filter(installed).map((peer) => [peer, []]));
  for (let turn = 1; turn <= turns; turn++) {
    for (const peer of results.keys()) {
      process.stderr.write(`${title}, turn ${turn} of ${turns}: ${nameOf(peer)}\n`);
      try {
        const measured =
          peer.library === 'pytorch'
            ? runPytorch(peer.threads, args)
            : runScript(script, [peer.library, peer.threads, ...args]);
        results.get(peer)!.push(measured as T);
      } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        const reason = stderr?.match(/^\w*Error: .*/m)?.[0] ?? message;
        process.stderr.write(`${nameOf(peer)} failed: ${reason}\n`);
      }
    }
  }
  return results;
}

/** Runs a script of this folder in a separate process, and gives the line of JSON that it prints. */
export function runScript(script: string, args: (string | number)[]): unknown {
  const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const command = ['--expose-gc', path, ...args.map(String)];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', stdio: 'pipe' }));
}
