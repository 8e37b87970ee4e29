import type { ErrorCode } from '@resnet/core';
import type { Image } from '../../images/image.js';
import type { SentOrigin } from '../../transforms/remake.js';
import type { Batch } from '../batch.js';
import type { BatchPlan } from '../make-batch.js';

/** What a worker gets when it starts. */
export interface WorkerSetup {
  transform: SentOrigin | undefined;
  mixing: SentOrigin | undefined;
  skipsBroken: boolean;
}

/** A batch for a worker to make. */
export interface BatchJob {
  plan: BatchPlan;
  /** For each sample: the path of an image file, the bytes of one, or an image. */
  inputs: (string | Uint8Array | Image)[];
  /** For each sample whose input is bytes, its name in messages. */
  names: (string | undefined)[];
}

/** An error as it is sent between threads. */
export interface SentError {
  code: ErrorCode | undefined;
  message: string;
}

export type WorkerReply =
  | { batch: Batch | undefined; broken: { index: number; error: SentError }[] }
  | { error: SentError };
