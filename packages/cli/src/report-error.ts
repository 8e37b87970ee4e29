import { ResnetError } from '@resnet/core';
import { CommanderError } from 'commander';
import type { Context } from './context.js';
import { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE } from './exit-codes.js';
import { printJson } from './shared/terminal/print.js';

interface Report {
  exitCode: number;
  /** Undefined for an unexpected error. */
  code?: string;
  message: string;
}

/**
 * Prints an error: as text and, with --json, as the one JSON document.
 *
 * @param commands the names of all commands
 * @returns the exit code
 */
export function reportError(
  error: unknown,
  { io, argv, program }: Context,
  commands: readonly string[],
): number {
  if (error instanceof CommanderError && isHelp(error)) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  const { exitCode, code, message } = describe(error);
  // So that no line within a message looks like another message.
  const indented = message.replace(/\n(?!\s)/g, '\n  ');
  io.stderr.write(`error${code === undefined ? '' : ` ${code}`}: ${indented}\n`);
  if (exitCode === EXIT_USAGE) {
    const command = argv.find((argument) => commands.includes(argument));
    io.stderr.write(`See '${program} ${command === undefined ? '' : `${command} `}--help'.\n`);
  }
  if (code === undefined) io.stderr.write(stackOf(error));
  if (argv.includes('--json')) printJson(io.stdout, { error: { code: code ?? null, message } });
  return exitCode;
}

/** Commander also throws where it has shown the help or the version. */
function isHelp({ code }: CommanderError): boolean {
  return code === 'commander.help' || code === 'commander.helpDisplayed' || code === 'commander.version';
}

function describe(error: unknown): Report {
  if (error instanceof CommanderError) {
    const isUnknown = error.code === 'commander.unknownCommand' || error.code === 'commander.unknownOption';
    return {
      exitCode: EXIT_USAGE,
      code: isUnknown ? 'UNKNOWN_NAME' : 'OPTION_INVALID',
      message: error.message.replace(/^error: /, '').replace('\n', ' '),
    };
  }
  if (!ResnetError.is(error)) {
    return { exitCode: EXIT_FAILURE, message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message } = error;
  if (code === 'ABORTED') return { exitCode: EXIT_INTERRUPTED, code, message };
  const isUsage = code === 'OPTION_INVALID' || code === 'UNKNOWN_NAME';
  return { exitCode: isUsage ? EXIT_USAGE : EXIT_FAILURE, code, message };
}

function stackOf(error: unknown): string {
  if (process.env.RESNET_DEBUG)
    return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  return 'This was not expected. RESNET_DEBUG=1 shows where it comes from.\n';
}
