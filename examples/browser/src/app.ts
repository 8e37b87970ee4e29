import type { BackendChoice } from './backends.js';
import { CallError, type WorkerClient } from './worker/client.js';
import type { NetworkReport } from './worker/network-report.js';

/** What the parts of the page share. */
export interface App {
  worker: WorkerClient;
  /** What computes. */
  backend: BackendChoice;
  /** The network that is open in the worker. */
  network: NetworkReport | undefined;
  /** The picture that was looked at last, in a format that the worker decodes. */
  picture: File | undefined;
  /** Calls a listener when another network is opened, its normalization becomes known, or another backend runs it. */
  onNetwork(listener: () => void): void;
  setNetwork(network: NetworkReport): void;
  /** Shows a text in the status line. */
  say(text: string): void;
  /**
   * Does something that may fail: an error becomes a message in the page, and the page still works. What was stopped on request
   * is no error.
   *
   * @returns whether it was done
   */
  attempt(work: () => Promise<void>): Promise<boolean>;
}

/** A tab of the page. */
export interface View {
  title: string;
  panel: HTMLElement;
  /** Takes a picture that was dropped or pasted anywhere on the page. */
  takePicture(file: File): void;
  /** Takes a file of weights that was dropped or pasted; without it, the network is opened for all tabs. */
  takeWeights?(file: File): void;
  /** Catches up with what the page did while it was hidden. */
  shown?(): void;
  /** Ends what should not run unseen, such as a camera. */
  hidden(): void;
}

/** What an error says to people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error says that the GPU is gone, and all that was on it. */
export function isLost(error: unknown): boolean {
  return error instanceof CallError && error.code === 'BACKEND_LOST';
}

/** Whether an error says that work was stopped on request, by the worker or by a signal of the page. */
export function isAborted(error: unknown): boolean {
  return error instanceof CallError
    ? error.code === 'ABORTED'
    : error instanceof DOMException && error.name === 'AbortError';
}
