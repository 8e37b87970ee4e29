import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that the test itself answers for. */
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

/** A retry policy with which no test waits; delays are in seconds. */
export const impatient = { delay: 0.001, maximumDelay: 0.005 };
