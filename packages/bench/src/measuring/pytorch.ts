import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';

let found: boolean | undefined;

/** Whether a peer is there: all are but PyTorch, which `python3` may not have. Says so the first time. */
export function installed({ library }: Peer): boolean {
  if (library !== 'pytorch') return true;
  if (found === undefined) {
    try {
      runPython(['-c', 'import torch']);
      found = true;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      const reason = stderr?.trim().split('\n').at(-1) || message;
      console.log(`PyTorch is left out, as python3 can not import torch: ${reason}`);
      found = false;
    }
  }
  return found;
}

/** The line of JSON that a script of scripts/pytorch prints. */
export function runPytorch(script: string, threads: number, args: (string | number)[]): unknown {
  const path = fileURLToPath(new URL(`../../../scripts/pytorch/${script}.py`, import.meta.url));
  return JSON.parse(runPython([path, String(threads), ...args.map(String)]));
}

function runPython(args: string[]): string {
  return execFileSync('python3', args, { encoding: 'utf8', stdio: 'pipe' });
}
