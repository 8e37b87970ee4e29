/** Where text goes: `process.stdout`, or what a test collects. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  /** The stream itself, for what moves the cursor. */
  raw?: NodeJS.WritableStream;
}

/** The streams of the program, and its interruption. */
export interface Io {
  stdout: Output;
  stderr: Output;
  /** Fires when the user interrupts. */
  signal?: AbortSignal;
}
