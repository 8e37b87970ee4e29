import { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK } from './exit-codes.js';
import { interruption } from './interruption.js';
import { programWords } from './program-words.js';
import { run } from './run.js';

const signal = interruption(process, () => process.exit(EXIT_INTERRUPTED));

// It is no error if a reader such as `head` stops reading.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT_OK : EXIT_FAILURE);
});

const { stdout, stderr } = process;
const code = await run(
  process.argv.slice(2),
  { stdout, stderr, signal },
  programWords(process.argv[1]!, process.env),
);
process.exitCode = code;
// Work that a stopped command has left running is not waited for.
if (code === EXIT_INTERRUPTED) stdout.write('', () => stderr.write('', () => process.exit()));
