import { setImmediate as nextTurn } from 'node:timers/promises';
import { ResnetError } from '@resnet/core';
import type { Context } from './context.js';
import { EXIT_OK } from './exit-codes.js';
import { createProgram } from './program.js';
import { reportError } from './report-error.js';
import type { Io, Output } from './shared/terminal/io.js';
import { printableOutput } from './shared/terminal/printable-output.js';

interface Streams {
  stdout: Output & NodeJS.WritableStream;
  stderr: Output & NodeJS.WritableStream;
  signal?: AbortSignal;
}

/**
 * Runs one command line. It throws nothing, and does not end the process.
 *
 * @param argv the arguments after the program's name
 * @param program how the user calls it, for advice
 * @returns the exit code: 0; 1 if the work failed; 2 for wrong usage; 130 if it was interrupted
 */
export async function run(
  argv: readonly string[],
  { stdout, stderr, signal }: Streams,
  program = 'resnet',
): Promise<number> {
  const io: Io = {
    ...{ stdout: printableOutput(stdout), stderr: printableOutput(stderr) },
    ...(signal ? { signal } : {}),
  };
  const context: Context = { io, program, argv, exitCode: EXIT_OK, whenStopped: 'leave' };
  const announce = () => {
    const text = 'Interrupted: stopping after what is running now. Press Ctrl-C again to exit at once.\n';
    // After all other listeners, of which one ends the progress bar.
    queueMicrotask(() => io.stderr.write(text));
  };
  io.signal?.addEventListener('abort', announce, { once: true });
  const commands = createProgram(context);
  try {
    await untilStopped(commands.parseAsync(argv, { from: 'user' }), context);
    return context.exitCode;
  } catch (error) {
    return reportError(
      error,
      context,
      commands.commands.map((command) => command.name()),
    );
  } finally {
    io.signal?.removeEventListener('abort', announce);
  }
}

/** The milliseconds that an interrupted command has to end by itself. */
const PATIENCE_MS = 500;

/** Waits for a command. Once it is interrupted, it waits for long only if the command saves what it has done. @throws ABORTED */
async function untilStopped(work: Promise<unknown>, context: Context): Promise<void> {
  const { signal } = context.io;
  if (!signal) return void (await work);
  let patience: NodeJS.Timeout | undefined;
  const isLeft = new Promise<void>((resolve) => {
    const leave = () => {
      if (context.whenStopped === 'leave') resolve();
    };
    const stop = () => {
      patience = setTimeout(leave, PATIENCE_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, isLeft]);
  clearTimeout(patience);
  // A command that computes without a pause ends before the signal of Ctrl-C arrives.
  await nextTurn();
  if (signal.aborted && context.whenStopped !== 'finish') {
    throw new ResnetError('ABORTED', 'Stopped on request.');
  }
}
