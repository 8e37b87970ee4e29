import type { Io } from './shared/terminal/io.js';

/** What every command gets besides its options. */
export interface Context {
  io: Io;
  /** How the user calls this program: 'resnet', 'npx @resnet/cli'. */
  program: string;
  /** The command line as it was given, without the program. */
  argv: readonly string[];
  /** Of the process, if nothing is thrown. */
  exitCode: number;
  /**
   * What happens when the command is interrupted: the program ends without waiting for it; it waits for it, as it saves what
   * it has done; or an interruption is its normal end.
   */
  whenStopped: 'leave' | 'wait' | 'finish';
}
