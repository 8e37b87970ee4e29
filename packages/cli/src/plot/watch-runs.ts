import { stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ResnetError } from '@resnet/core';
import type { Output } from '../shared/terminal/io.js';
import { type Run, readRun } from './read-run.js';

export interface WatchOptions {
  title: string;
  /** Of the page; 0 for any that is free. */
  port: number;
  /** @returns an SVG document */
  draw: (runs: readonly Run[]) => Promise<string>;
  /** The page's address is printed here. */
  out: Output;
  signal?: AbortSignal;
  /** Milliseconds between checks of the runs. */
  interval?: number;
}

/**
 * Shows the curves of runs on a page of this machine, redrawn whenever one of them has written something, until the signal
 * fires. Runs that have written nothing yet are named below the picture.
 *
 * @throws OPTION_INVALID if the port is taken; FILE_UNREADABLE if a log can't be read
 */
export async function watchRuns(folders: readonly string[], options: WatchOptions): Promise<void> {
  const { title, port, draw, out, signal, interval = 1000 } = options;
  const listeners = new Set<ServerResponse>();
  let drawn = 'null';
  const server = createServer((request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(page(title));
    } else if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(eventOf(drawn));
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    const refuse = ({ message }: Error) =>
      reject(new ResnetError('OPTION_INVALID', `--port ${port} can't be had: ${message}. Take another.`));
    server.once('error', refuse).listen(port, '127.0.0.1', resolve);
  });
  out.write(`http://127.0.0.1:${(server.address() as AddressInfo).port} shows the curves. Ctrl-C ends it.\n`);
  let seen = '';
  try {
    while (!signal?.aborted) {
      const now = await Promise.all(folders.map(versionOf));
      if (String(now) !== seen) {
        seen = String(now);
        const runs = await Promise.all(
          folders.map((folder, index) => (now[index] ? readRun(folder) : folder)),
        );
        const begun = runs.filter((run) => typeof run !== 'string');
        const waiting = runs.filter((run) => typeof run === 'string');
        drawn = JSON.stringify({ svg: begun.length > 0 ? await draw(begun) : '', waiting });
        for (const listener of listeners) listener.write(eventOf(drawn));
      }
      await sleep(interval, undefined, signal ? { signal } : {}).catch(() => {});
    }
  } finally {
    server.close();
    for (const listener of listeners) listener.end();
  }
}

/** A text that changes whenever a run writes something; empty before the first record. */
async function versionOf(folder: string): Promise<string> {
  const found = await stat(join(folder, 'metrics.jsonl')).catch(() => undefined);
  return found && found.size > 0 ? `${found.size} ${found.mtimeMs}` : '';
}

function eventOf(data: string): string {
  return `data: ${data}\n\n`;
}

function page(title: string): string {
  const escaped = title.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<!doctype html>
<meta charset="utf-8">
<title>${escaped}</title>
<style>
  body { margin: 2rem; font: 1rem system-ui, sans-serif }
  svg { width: 100%; height: auto; max-height: 85vh }
</style>
<div id="picture"></div>
<p id="state" role="status">Waiting for the first records …</p>
<script>
  const events = new EventSource('/events');
  const [picture, state] = ['picture', 'state'].map((id) => document.getElementById(id));
  events.onmessage = ({ data }) => {
    const drawn = JSON.parse(data);
    if (!drawn) return;
    picture.innerHTML = drawn.svg;
    const waiting = drawn.waiting.length > 0 ? '. Nothing written yet: ' + drawn.waiting.join(', ') : '';
    state.textContent = 'Drawn at ' + new Date().toLocaleTimeString() + waiting;
  };
  events.onerror = () => { state.textContent = 'resnet plot --watch has ended.'; };
</script>
`;
}
