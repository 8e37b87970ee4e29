#!/usr/bin/env node
import { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK } from './exit-codes.js';
import { run } from './run.js';

const interruption = new AbortController();
process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED);
  interruption.abort();
});

// A reader such as `head` that has seen enough is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT_OK : EXIT_FAILURE);
});

const { stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), { stdout, stderr, signal: interruption.signal });
