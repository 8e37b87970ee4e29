/** A stream of text: `process.stdout`, or what a test collects. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** All that the program shares with the world outside it. */
export interface Io {
  stdout: Output;
  stderr: Output;
  /** Fires when the user interrupts. */
  signal?: AbortSignal;
}
