/** A file that is arriving. */
export interface Collector {
  /** How many bytes from its start were there at first. */
  readonly receivedBytes: number;
  write(chunk: Uint8Array, position: number): Promise<void>;
  /** What is there, owned by the caller. */
  bytes(): Promise<Uint8Array>;
  /** Forgets what is there. */
  clear(): Promise<void>;
  /** Lets go of the file, and leaves what is there for another call, where it can. */
  close(): Promise<void>;
}
