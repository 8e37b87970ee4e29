import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RetryPolicy } from './download/retry.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server of the tests' own. */
export interface FakeServer {
  url: string;
  /** What it was asked. */
  requests: { url: string; headers: IncomingHttpHeaders }[];
  /** What it says to the next requests; the last answer stays. */
  answers: Answer[];
  close(): Promise<void>;
}

export async function startServer(): Promise<FakeServer> {
  const requests: FakeServer['requests'] = [];
  const fake: FakeServer = { url: '', requests, answers: [], close };
  const server = createServer((request, response) => {
    requests.push({ url: request.url!, headers: request.headers });
    const answer = fake.answers.length > 1 ? fake.answers.shift()! : fake.answers[0]!;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function close() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return fake;
}

/** Serves bytes as storage does, from where it is asked. */
export const whole =
  (bytes: Uint8Array): Answer =>
  (request, response) => {
    const start = startOf(request);
    if (start >= bytes.length) return response.writeHead(416).end();
    response.writeHead(start > 0 ? 206 : 200, headersOf(bytes, start)).end(bytes.subarray(start));
  };

/** Serves some bytes from where it is asked, and hangs up. */
export const cut =
  (bytes: Uint8Array, length: number): Answer =>
  async (request, response) => {
    const start = startOf(request);
    response.writeHead(start > 0 ? 206 : 200, headersOf(bytes, start));
    response.write(bytes.subarray(start, start + length));
    await setTimeout(30);
    response.socket?.destroy();
  };

export const status =
  (code: number, headers: Record<string, string> = {}, body: string | Uint8Array = ''): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end(body);

export const json = (value: unknown): Answer => status(200, {}, JSON.stringify(value));

function startOf(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

function headersOf(bytes: Uint8Array, start: number): Record<string, string | number> {
  const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  return {
    'Content-Length': bytes.length - start,
    ...(start > 0 ? { 'Content-Range': range } : {}),
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that look like nothing else. */
export function someBytes(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

/** No test should wait. */
export const impatient: Partial<RetryPolicy> = { delay: 0.001, maximumDelay: 0.005 };

export const refusal = (code: string, ...parts: (string | RegExp)[]) =>
  expect.toSatisfy(
    (error: Error & { code?: string }) =>
      error.code === code &&
      parts.every((part) =>
        typeof part === 'string' ? error.message.includes(part) : part.test(error.message),
      ),
    `${code} with ${parts.join(', ')}`,
  );
