import { ResnetError } from '@resnet/core';
import type { Context } from '../../context.js';
import { quoted } from '../../program-words.js';

type Called = Pick<Context, 'program' | 'argv'>;

/**
 * The command line that resumes what this one began, for the user to paste into a shell.
 *
 * @param flags that it has besides
 */
export function resumeCommand({ program, argv }: Called, ...flags: string[]): string {
  const added = [...flags, '--resume'].filter((flag) => !argv.includes(flag));
  return commandLine({ program, argv: [...argv, ...added] });
}

/** A command line for the user to paste into a shell. */
export function commandLine({ program, argv }: Called): string {
  return [program, ...argv.map(quoted)].join(' ');
}

/** The error of an interrupted command, with what is saved and the command that resumes it; others stay as they are. */
export function namingResume(error: unknown, saved: string, command: string): unknown {
  if (!ResnetError.is(error) || error.code !== 'ABORTED') return error;
  return new ResnetError('ABORTED', `${error.message} ${saved} Resume with: ${command}`, { cause: error });
}
