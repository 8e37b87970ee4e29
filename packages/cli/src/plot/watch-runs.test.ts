import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../run.js';
import { TextStream } from '../test-support.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const line = (iteration: number) => `${JSON.stringify({ kind: 'train', iteration, error: 0.5 })}\n`;

/** The events of a page, one after the other. */
async function* eventsOf(address: string) {
  const { body } = await fetch(`${address}/events`);
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield JSON.parse(text.slice('data: '.length, end)) as { svg: string; waiting: string[] } | null;
      text = text.slice(end + 2);
    }
  }
}

it('redraws runs on a page while they go on, and writes the picture at the end', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await mkdir(first);
  await mkdir(second);
  await writeFile(join(first, 'metrics.jsonl'), line(20));
  const out = join(folder, 'curves.svg');
  const [stdout, stderr] = [new TextStream(), new TextStream()];
  const stop = new AbortController();
  const address = new Promise<string>((resolve) => {
    stderr.onText = () => {
      const [found] = /http:\S+/.exec(stderr.text) ?? [];
      if (found) resolve(found);
    };
  });
  const argv = ['plot', first, second, '--watch', '--out', out, '--title', 'A < B'];
  const ended = run(argv, { stdout, stderr, signal: stop.signal });
  const html = await (await fetch(await address)).text();
  expect(html).toContain('<title>A &#60; B</title>');
  expect((await fetch(`${await address}/other`)).status).toBe(404);

  const seen = [];
  for await (const event of eventsOf(await address)) {
    if (event === null) continue;
    seen.push(event);
    if (seen.length === 1) await writeFile(join(second, 'metrics.jsonl'), line(20));
    if (seen.length === 2) await appendFile(join(second, 'metrics.jsonl'), line(40));
    if (seen.length === 3) stop.abort();
  }
  expect(seen.map(({ waiting }) => waiting)).toEqual([[second], [], []]);
  expect(seen[0]!.svg).not.toContain('>second</text>');
  expect(seen[1]!.svg).toContain('>second</text>');
  expect(seen[2]!.svg).not.toBe(seen[1]!.svg);
  expect(await ended).toBe(0);
  expect(stdout.text).toContain(`written  ${out}`);
});

it('says that a port is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [stdout, stderr] = [new TextStream(), new TextStream()];
  expect(await run(['plot', folder, '--watch', '--port', String(port)], { stdout, stderr })).toBe(2);
  expect(stderr.text).toContain(`error OPTION_INVALID: --port ${port} can't be had`);
  server.close();
});
