import type { Name, Params, Progress, Reply, Request, Result } from './protocol.js';

/** An error of the worker. Its code is one of `ResnetError`, or WORKER_FAILED, or UNEXPECTED. */
export class CallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'CallError';
    this.code = code;
  }
}

export interface CallOptions<N extends Name> {
  onProgress?: (progress: Progress<N>) => void;
  /** Asks the work to end: the call then fails with ABORTED, or gives what the handler has to give all the same. */
  signal?: AbortSignal;
  /** What moves to the worker instead of being copied. */
  transfer?: Transferable[];
}

interface Call {
  resolve(result: unknown): void;
  reject(error: CallError): void;
  onProgress: ((progress: never) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** The worker in which everything is computed, as promises. */
export class WorkerClient {
  readonly #worker = new Worker(new URL('./main.ts', import.meta.url), { type: 'module' });
  readonly #calls = new Map<number, Call>();
  #lastId = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
    this.#worker.onerror = ({ message }) => {
      const reason = message || 'its program could not be loaded';
      const error = new CallError('WORKER_FAILED', `The worker failed: ${reason}. Reload the page.`);
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
    };
  }

  /** Asks the worker for something. @throws CallError */
  call<N extends Name>(name: N, params: Params<N>, options: CallOptions<N> = {}): Promise<Result<N>> {
    const { onProgress, signal, transfer = [] } = options;
    const id = ++this.#lastId;
    const cancel = () => this.#send({ kind: 'cancel', id });
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, onProgress, signal });
      this.#send({ kind: 'call', id, name, params }, transfer);
      if (signal?.aborted) cancel();
      signal?.addEventListener('abort', cancel);
    });
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<Result<N>>;
  }

  /** Ends the worker. It must have nothing left to answer. */
  end(): void {
    this.#worker.terminate();
  }

  #send(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #receive(reply: Reply): void {
    const call = this.#calls.get(reply.id);
    if (!call) return;
    switch (reply.kind) {
      case 'progress':
        call.onProgress?.(reply.progress as never);
        return;
      case 'result':
        call.resolve(reply.result);
        break;
      case 'error': {
        const { code, message } = reply.error;
        // What fails after it was stopped is of no interest.
        call.reject(new CallError(call.signal?.aborted ? 'ABORTED' : code, message));
      }
    }
    this.#calls.delete(reply.id);
  }
}
