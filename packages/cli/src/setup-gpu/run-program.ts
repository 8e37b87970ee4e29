import { type ChildProcess, spawn } from 'node:child_process';
import { ResnetError, throwIfAborted } from '@resnet/core';

interface RunOptions {
  /** Where it fails, what to do; from what it printed. */
  advice(output: string): string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Stops it. */
  signal?: AbortSignal | undefined;
  /** Called with all that it has printed so far. */
  onOutput?(output: string): void;
}

/** Lines at the end of what a program printed that are shown when it fails. */
const MOST_LINES = 15;

/**
 * Runs a program, and waits until it has ended.
 *
 * @returns what it printed
 * @throws SETUP_FAILED if it can't be run or fails; ABORTED
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { advice, signal, onOutput, ...options }: RunOptions,
): Promise<string> {
  throwIfAborted(signal, `\`${program}\``);
  // In a group of its own, which is stopped as a whole: `python3` may be a script that runs another program.
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => stopGroup(child);
  process.once('exit', stop);
  signal?.addEventListener('abort', stop);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      onOutput?.(output);
    });
  }
  const outcome = await new Promise<string | undefined>((resolve) => {
    let failure: string | undefined;
    child.on('error', ({ message }) => {
      failure = message;
    });
    child.on('close', (code, signalName) =>
      resolve(failure ?? (code === 0 ? undefined : `ended with ${signalName ?? code}`)),
    );
  });
  process.off('exit', stop);
  signal?.removeEventListener('abort', stop);
  throwIfAborted(signal, `\`${program}\``);
  if (outcome === undefined) return output;
  const end = output.trim().split('\n').slice(-MOST_LINES);
  const command = [program, ...args.filter((text) => !text.startsWith('--'))].join(' ');
  const message = `\`${command}\`: ${outcome}. ${advice(output)}`;
  throw new ResnetError('SETUP_FAILED', [message, ...end].join('\n').trim());
}

function stopGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
