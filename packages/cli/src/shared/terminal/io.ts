/** Where text goes: `process.stdout`, or what a test collects. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  /** The stream itself, for what moves the cursor. */
  raw?: NodeJS.WritableStream;
}

/** All that the program shares with the world outside it. */
export interface Io {
  stdout: Output;
  stderr: Output;
  /** Fires when the user interrupts. */
  signal?: AbortSignal;
}
