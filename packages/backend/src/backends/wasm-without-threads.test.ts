import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { useBackend } from '../backend.js';

const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
const { Worker: RealWorker } = threads;

/** Has the threads that are started from now on run this program, as in a runtime whose threads are not Node's. */
function haveThreadsRun(program: string): void {
  threads.Worker = class extends RealWorker {
    constructor() {
      super(program, { eval: true });
    }
  };
}

afterEach(() => {
  threads.Worker = RealWorker;
  syncBuiltinESMExports();
});

describe.each([
  ['never answer', 'setInterval(() => {}, 1000)', /no answer within 10 seconds/],
  ['fail', 'throw new Error("no such threads")', /no such threads/],
  ['end at once', '', /ended at once/],
])('where threads %s', (_, program, reason) => {
  it('the WASM backend computes on one, and says why', { timeout: 30_000 }, async () => {
    haveThreadsRun(program);
    const backend = await useBackend('wasm', { threads: 2 });
    expect(backend).toMatchObject({ name: 'wasm', threads: 1, warnings: [expect.stringMatching(reason)] });
    expect(backend.warnings[0]).toMatch(/^The wasm backend computes on one thread, not on 2: /);
    expect(tf.tidy(() => tf.sum(tf.ones([10, 10])).dataSync()[0])).toBe(100);
    // Who shares it is told too.
    const shared = await useBackend('wasm', { threads: 2 });
    expect(shared.warnings).toEqual(backend.warnings);
    shared.dispose();
    backend.dispose();
    threads.Worker = RealWorker;
    const again = await useBackend('wasm', { threads: 2 });
    expect(again).toMatchObject({ threads: 2, warnings: [] });
    again.dispose();
  });
});

it('where only the threads of the kernels fail, the kernels compute on one', async () => {
  const started: Worker[] = [];
  threads.Worker = class extends RealWorker {
    constructor(...[program, options]: ConstructorParameters<typeof Worker>) {
      super(options?.eval ? 'throw new Error("no such threads")' : program, options);
      started.push(this);
    }
  };
  syncBuiltinESMExports();
  const backend = await useBackend('wasm', { threads: 2 });
  expect(started.length).toBeGreaterThan(1);
  expect(backend).toMatchObject({ threads: 1, warnings: [expect.stringContaining('no such threads')] });
  expect(tf.tidy(() => tf.sum(tf.matMul(tf.ones([10, 10]), tf.ones([10, 10]))).dataSync()[0])).toBe(1000);
  backend.dispose();
});
