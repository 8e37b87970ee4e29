import { throwIfAborted } from '@resnet/core';
import type { Context } from './handler.js';
import { handlers } from './handlers/index.js';
import type { Reply, Request } from './protocol.js';
import { transferOf } from './transfer.js';

const running = new Map<number, AbortController>();
let last = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'cancel') {
    running.get(data.id)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(data.id, controller);
  last = last.then(() => answer(data, controller.signal));
});

async function answer(call: Extract<Request, { kind: 'call' }>, signal: AbortSignal): Promise<void> {
  const { id, name, params } = call;
  const handler = handlers[name] as (params: unknown, context: Context<unknown>) => Promise<unknown>;
  try {
    throwIfAborted(signal, 'What the page asked for');
    const report = (progress: unknown) => send({ kind: 'progress', id, progress });
    const result = await handler(params, { signal, report });
    send({ kind: 'result', id, result }, transferOf(result));
  } catch (error) {
    send({ kind: 'error', id, error: describe(error) });
  } finally {
    running.delete(id);
  }
}

function send(reply: Reply, transfer: Transferable[] = []): void {
  postMessage(reply, { transfer });
}

function describe(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return { code, message: String(message) };
  console.error(error);
  return { code: 'UNEXPECTED', message: `Something unexpected happened: ${message ?? error}` };
}
