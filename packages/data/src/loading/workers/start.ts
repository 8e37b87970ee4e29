import type { BatchJob, WorkerReply, WorkerSetup } from './messages.js';

/** A worker that makes batches, whatever the platform calls it. */
export interface WorkerHandle {
  post(job: BatchJob): void;
  terminate(): void;
}

export interface WorkerEvents {
  onReply(reply: WorkerReply): void;
  /** It died or could not start. */
  onEnd(reason: string): void;
}

export type StartWorker = (setup: WorkerSetup, events: WorkerEvents) => WorkerHandle;
