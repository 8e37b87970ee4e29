import type { Io } from './io.js';

/** What every action gets, whatever its own options are. */
export interface Context {
  io: Io;
  /** The words that call this program: 'resnet', 'npx @resnet/cli'. */
  program: string;
  /** The command line as it was given, without the program. */
  argv: readonly string[];
  /** What the process ends with if nothing is thrown. */
  exitCode: number;
}
