import { afterEach, expect, it } from 'vitest';
import { withWholeThreads } from './threads-in-pages.js';

const native = globalThis.Blob;
const program = 'var WasmBackendModuleThreadedSimd = () => {};';
const ends: AbortController[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end.abort();
  globalThis.Blob = native;
});

/** A start that lasts until it is given up, as tfjs's does whose threads never answer. */
function start(): AbortController {
  const end = new AbortController();
  ends.push(end);
  void withWholeThreads(() => new Promise(() => {}), end.signal);
  return end;
}

it.each([
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
])(
  'starts that overlap and are given up in any order, %i, %i, %i, leave Blob as it was',
  async (...order) => {
    const starts = [start(), start(), start()];
    expect(await new Blob(['other']).text()).toBe('other');
    for (const index of order) starts[index]!.abort();
    expect(globalThis.Blob).toBe(native);
  },
);

it('each start changes the program of its own threads alone', async () => {
  start();
  start();
  const texts = [];
  for (let count = 0; count < 3; count++) texts.push(await new Blob([program]).text());
  expect(texts.map((text) => text === program)).toEqual([false, false, true]);
});
