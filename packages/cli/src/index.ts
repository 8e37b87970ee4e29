export type { CliErrorCode } from './error-codes.js';
export { run } from './run.js';
export type { Io, Output } from './shared/terminal/io.js';
