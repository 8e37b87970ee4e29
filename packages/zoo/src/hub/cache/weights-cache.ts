import type { Collector } from '@resnet/files';
import type { RepositoryFile } from '../repository-file.js';

/** Keeps files of weights between downloads. What it returns is not checked: disks fail, and people change files. */
export interface WeightsCache {
  /** The path where a person can find the file, or put it; undefined in browsers. */
  pathOf(file: RepositoryFile): string | undefined;
  /** Whether there is something under the file's name. */
  has(file: RepositoryFile): Promise<boolean>;
  /** The bytes under the file's name, owned by the caller; undefined if there are none, or not as many as there should be. */
  read(file: RepositoryFile): Promise<Uint8Array | undefined>;
  /** Keeps the file, whole or not at all. */
  write(file: RepositoryFile, bytes: Uint8Array): Promise<void>;
  /** Collects the file while it arrives, after what an interrupted call has left. */
  collect(file: RepositoryFile): Promise<Collector>;
  /** Runs work on a file once no other process or call works on it. */
  alone<T>(file: RepositoryFile, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** A short text that `remember` has kept. */
  recall(name: string): Promise<string | undefined>;
  remember(name: string, text: string): Promise<void>;
}
