import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TASKS } from '../generated/tasks.js';
import { startThreadedBackend } from '../testing/threaded-backend.js';
import { compile } from './module.js';
import { type Exports, Runtime } from './runtime.js';
import { memoryOf, type TfjsWasmBackend } from './tfjs-wasm.js';
import { startThreads } from './threads.js';

const FLOATS = 1000;
const CHUNKS = 16;
const rates = {
  learningRate: 0.5,
  momentum: 0,
  weightDecay: 0,
  gradientScale: 1,
  decoupledDecay: 0,
  nesterov: 0,
};
/** No memory of tfjs is that large here. */
const OUTSIDE = 0xfff00000;

/** Where the number of completed chunks lies; see assembly/threads.ts. */
const COMPLETED_OFFSET = 4;

beforeAll(startThreadedBackend);
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `test` with a runtime of its own on tfjs's memory. */
async function withRuntime(
  threads: number,
  test: (runtime: Runtime) => void | Promise<void>,
  change: (exports: Exports) => Exports = (exports) => exports,
): Promise<void> {
  const backend = tf.backend() as unknown as TfjsWasmBackend;
  const memory = memoryOf(backend)!;
  const module = await compile('simd-threads');
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const exports = change(instance.exports as unknown as Exports);
  const runtime = new Runtime(backend, memory, exports, 5, TASKS);
  const stop = await startThreads(runtime, module, exports, threads);
  try {
    await test(runtime);
  } finally {
    stop();
    runtime.dispose();
  }
}

/**
 * A step of gradient descent, one chunk for each of so many vectors: parameters of ones become halves. Chunks in
 * `bad` are given addresses outside of the memory.
 */
function descend(runtime: Runtime, bad: (chunk: number) => boolean = () => false): Float32Array {
  const bytes = 4 * FLOATS * CHUNKS;
  const [parameters, velocities, gradients] = ['a', 'b', 'c'].map((name) => runtime.buffer(name, bytes));
  const pieces = Array.from({ length: CHUNKS }, (_, chunk) => {
    const offset = 4 * FLOATS * chunk;
    const parameter = bad(chunk) ? OUTSIDE : parameters! + offset;
    return [parameter, velocities! + offset, gradients! + offset, FLOATS];
  });
  const task = { pieces: runtime.integers('pieces', pieces.flat()), ...rates };
  const floatsOf = (address: number) => runtime.floats().subarray(address >>> 2, (address + bytes) >>> 2);
  floatsOf(parameters!).fill(1);
  floatsOf(velocities!).fill(0);
  floatsOf(gradients!).fill(1);
  runtime.run('gradientDescent', task, CHUNKS);
  return floatsOf(parameters!);
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return error instanceof ResnetError ? error.code : String(error);
  }
  return undefined;
}

describe.each([1, 3])('Runtime on %i threads', (threads) => {
  it('reports a trap, wherever it happens, and goes on', async () => {
    await withRuntime(threads, (runtime) => {
      for (let round = 0; round < 50; round++) {
        const bad = round % CHUNKS;
        expect(codeOf(() => descend(runtime, (chunk) => chunk === bad))).toBe('KERNEL_FAILED');
        expect(codeOf(() => descend(runtime, (chunk) => chunk >= bad))).toBe('KERNEL_FAILED');
        expect(descend(runtime).every((value) => value === 0.5)).toBe(true);
      }
      expect(runtime.threads).toBe(threads);
    });
  });
});

describe('Runtime', () => {
  it('completes the other chunks of a kernel that traps', async () => {
    await withRuntime(3, (runtime) => {
      for (let bad = 0; bad < CHUNKS; bad++) {
        codeOf(() => descend(runtime, (chunk) => chunk === bad));
        const address = runtime.buffer('a', 0) >>> 2;
        const done = runtime.floats().subarray(address, address + FLOATS * CHUNKS);
        const expected = Float32Array.from(done, (_, index) =>
          Math.floor(index / FLOATS) === bad ? 1 : 0.5,
        );
        expect(done).toEqual(expected);
      }
    });
  });

  it('reports a trap at once where the other threads have ended', async () => {
    let rests = 0;
    const counted = (exports: Exports): Exports => ({
      ...exports,
      rest: (control) => {
        rests++;
        exports.rest(control);
      },
    });
    const test = (runtime: Runtime) => {
      runtime.threads = 3;
      expect(codeOf(() => descend(runtime, (chunk) => chunk % 2 === 0))).toBe('KERNEL_FAILED');
      expect(rests).toBe(0);
    };
    await withRuntime(1, test, counted);
  });

  it('does not wait forever for a thread that is gone, and goes on without', async () => {
    // As if a thread had taken a chunk of the first job, and ended: one is never completed.
    let isFirst = true;
    const withLostThread = (exports: Exports): Exports => ({
      ...exports,
      publish: (control, ...job) => {
        exports.publish(control, ...job);
        const words = new Int32Array(memoryOf(tf.backend() as unknown as TfjsWasmBackend)!.buffer);
        if (isFirst) Atomics.sub(words, (control + COMPLETED_OFFSET) >>> 2, 1);
        isFirst = false;
      },
    });
    await withRuntime(
      3,
      (runtime) => {
        let now = 0;
        vi.spyOn(performance, 'now').mockImplementation(() => (now += 20_000));
        expect(codeOf(() => descend(runtime))).toBe('THREAD_LOST');
        expect(runtime.threads).toBe(1);
        expect(descend(runtime).every((value) => value === 0.5)).toBe(true);
      },
      withLostThread,
    );
  });
});
