import type { Io } from './shared/terminal/io.js';

/** What every action gets, whatever its own options are. */
export interface Context {
  io: Io;
  /** The words that call this program: 'resnet', 'npx @resnet/cli'. */
  program: string;
  /** The command line as it was given, without the program. */
  argv: readonly string[];
  /** What the process ends with if nothing is thrown. */
  exitCode: number;
  /**
   * What becomes of the command when it is interrupted: it is left; it is waited for, as it saves what it has done; or that is
   * its usual end.
   */
  whenStopped: 'leave' | 'wait' | 'finish';
}
