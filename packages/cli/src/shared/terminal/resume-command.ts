import type { Context } from '../../context.js';
import { quoted } from '../../program-words.js';

type Called = Pick<Context, 'program' | 'argv'>;

/**
 * The command line that goes on with the work that this one began, for the user to paste into a shell.
 *
 * @param flags what it has besides
 */
export function resumeCommand({ program, argv }: Called, ...flags: string[]): string {
  const added = [...flags, '--resume'].filter((flag) => !argv.includes(flag));
  return commandLine({ program, argv: [...argv, ...added] });
}

/** A command line for the user to paste into a shell. */
export function commandLine({ program, argv }: Called): string {
  return [program, ...argv.map(quoted)].join(' ');
}
