import { ResnetError } from '@resnet/core';
import { startWorker } from '#start-worker';
import type { MadeBatch } from '../make-batch.js';
import type { BatchJob, SentError, WorkerReply, WorkerSetup } from './messages.js';
import type { WorkerHandle } from './start.js';

/** How many workers may die over a job before the job is given up. */
const MOST_TRIES = 3;

interface Task {
  job: BatchJob;
  tries: number;
  resolve(made: MadeBatch): void;
  reject(error: unknown): void;
}

interface Member {
  handle: WorkerHandle;
  task: Task | undefined;
}

/** Workers that make batches. They start with the first job, and each has one job at a time. */
export class WorkerPool {
  readonly #waiting: Task[] = [];
  readonly #members = new Set<Member>();

  /** @param onLost called when a worker has died, whose job another one then does */
  constructor(
    private readonly size: number,
    private readonly setup: WorkerSetup,
    private readonly onLost: (error: ResnetError) => void,
  ) {}

  /**
   * Lets a worker make a batch. It is not begun after the signal.
   *
   * @throws THREAD_LOST if several workers in turn die over it; what making the batch throws
   */
  async run(job: BatchJob, signal: AbortSignal): Promise<MadeBatch> {
    let abort = () => {};
    try {
      return await new Promise((resolve, reject) => {
        const task: Task = { job, tries: 0, resolve, reject };
        abort = () => {
          const position = this.#waiting.indexOf(task);
          if (position >= 0) this.#waiting.splice(position, 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', abort);
        this.#waiting.push(task);
        this.#assign();
      });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Ends the workers; what is being made is lost. */
  close(): void {
    for (const { handle, task } of this.#members) {
      handle.terminate();
      task?.reject(new ResnetError('ABORTED', 'Loading data was stopped, as the loader was closed.'));
    }
    this.#members.clear();
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const member = [...this.#members].find(({ task }) => task === undefined) ?? this.#start();
      if (!member) return;
      const task = this.#waiting.shift()!;
      task.tries++;
      member.task = task;
      member.handle.post(task.job);
    }
  }

  #start(): Member | undefined {
    if (this.#members.size >= this.size) return undefined;
    const member: Member = {
      task: undefined,
      handle: startWorker(this.setup, {
        onReply: (reply) => this.#finish(member, reply),
        onEnd: (reason) => this.#replace(member, reason),
      }),
    };
    this.#members.add(member);
    return member;
  }

  #finish(member: Member, reply: WorkerReply): void {
    const task = member.task!;
    member.task = undefined;
    if ('error' in reply) task.reject(received(reply.error));
    else {
      const broken = reply.broken.map(({ index, error }) => ({
        index,
        error: received(error) as ResnetError,
      }));
      task.resolve({ batch: reply.batch, broken });
    }
    this.#assign();
  }

  #replace(member: Member, reason: string): void {
    if (!this.#members.delete(member)) return;
    const { task } = member;
    const gone = `A worker that makes batches ended by itself: ${reason}.`;
    if (!task) return;
    if (task.tries >= MOST_TRIES) {
      const { epoch, batch } = task.job.plan;
      const advice = 'Give workers: 0 to see where; if memory is short, fewer workers or a smaller prefetch.';
      task.reject(
        new ResnetError(
          'THREAD_LOST',
          `${gone} So did the ${MOST_TRIES - 1} before it, over batch ${batch} of epoch ${epoch}. ${advice}`,
        ),
      );
    } else {
      this.onLost(new ResnetError('THREAD_LOST', `${gone} Another one does its work.`));
      this.#waiting.unshift(task);
    }
    this.#assign();
  }
}

function received({ code, message }: SentError): Error {
  return code === undefined ? new Error(message) : new ResnetError(code, message);
}
