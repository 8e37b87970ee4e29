import type { Context } from './context.js';
import { EXIT_OK } from './exit-codes.js';
import type { Io, Output } from './io.js';
import { printableOutput } from './printable-output.js';
import { createProgram } from './program.js';
import { reportError } from './report-error.js';

interface Streams {
  stdout: Output & NodeJS.WritableStream;
  stderr: Output & NodeJS.WritableStream;
  signal?: AbortSignal;
}

/**
 * Runs one command line from its start to its end. Nothing is thrown, and the process is left to go on.
 *
 * @param argv the arguments after the program's name
 * @param program the words that call it, for advice
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
  const context: Context = { io, program, argv, exitCode: EXIT_OK };
  const announce = () => {
    const text = 'Interrupted: stopping after what is running now. Press Ctrl-C again to exit at once.\n';
    // After all other listeners, one of which ends the progress bar.
    queueMicrotask(() => io.stderr.write(text));
  };
  io.signal?.addEventListener('abort', announce, { once: true });
  const commands = createProgram(context);
  try {
    await commands.parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return await reportError(
      error,
      context,
      commands.commands.map((command) => command.name()),
    );
  } finally {
    io.signal?.removeEventListener('abort', announce);
  }
}
