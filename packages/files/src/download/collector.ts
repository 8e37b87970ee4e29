/** Collects the bytes of a file that is downloaded. */
export interface Collector {
  /** How many bytes an earlier call has left, from the start of the file. */
  readonly receivedBytes: number;
  write(chunk: Uint8Array, position: number): Promise<void>;
  /** The bytes received, owned by the caller. */
  bytes(): Promise<Uint8Array>;
  /** Discards the bytes received. */
  clear(): Promise<void>;
  /** Closes the file, and if possible leaves it for another call. */
  close(): Promise<void>;
}
