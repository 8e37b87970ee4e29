import type { Collector } from '@resnet/files';
import type { RepositoryFile } from '../repository-file.js';

/** Where files of weights stay between downloads. What it returns is not checked: disks fail, and people are free. */
export interface WeightsCache {
  /** Where a person can find the file, or put it; undefined where people have no access. */
  pathOf(file: RepositoryFile): string | undefined;
  /** Whether there is something under the file's name. */
  has(file: RepositoryFile): Promise<boolean>;
  /** The bytes under the file's name, owned by the caller; undefined if there are none, or not as many as there should be. */
  read(file: RepositoryFile): Promise<Uint8Array | undefined>;
  /** Keeps the file, whole or not at all. */
  write(file: RepositoryFile, bytes: Uint8Array): Promise<void>;
  /** A place for the file while it arrives, with what an interrupted call has left there. */
  collect(file: RepositoryFile): Promise<Collector>;
  /** Does work on a file while no other process or call does; waits for it as long as another one does. */
  alone<T>(file: RepositoryFile, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** A short text of before. */
  recall(name: string): Promise<string | undefined>;
  remember(name: string, text: string): Promise<void>;
}
