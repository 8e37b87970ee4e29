import type { Context } from './handler.js';
import type { handlers } from './handlers/index.js';

type Handlers = typeof handlers;

/** What the worker can be asked for. */
export type Name = keyof Handlers;
export type Params<N extends Name> = Parameters<Handlers[N]>[0];
export type Result<N extends Name> = Awaited<ReturnType<Handlers[N]>>;
export type Progress<N extends Name> = Handlers[N] extends (
  params: never,
  context: Context<infer P>,
) => unknown
  ? P
  : never;

/** From the page. Calls are done one after another, in their order; a cancellation is seen at once. */
export type Request =
  | { kind: 'call'; id: number; name: Name; params: unknown }
  | { kind: 'cancel'; id: number };

/** From the worker: any number of times progress, then a result or an error. */
export type Reply =
  | { kind: 'progress'; id: number; progress: unknown }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number; error: { code: string; message: string } };
