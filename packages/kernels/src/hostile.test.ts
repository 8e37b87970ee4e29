import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install } from './install.js';
import { KERNEL_NAMES } from './register.js';
import type { TfjsWasmBackend } from './runtime/tfjs-wasm.js';
import { shapes } from './testing/arbitraries.js';
import { GuardedHeap } from './testing/hostile/guarded-heap.js';
import { hostileCalls } from './testing/hostile/hostile.js';
import { compare, expected, type Outcome, run, title, type Verdict } from './testing/hostile/outcome.js';
import type { HostileCall } from './testing/hostile/plausible/call.js';
import { startThreadedBackend } from './testing/threaded-backend.js';

/** Two runs, on one and on two threads, make 20,000 calls and more. */
const CALLS_PER_KERNEL = 350;
const CANARIES = 64;

describe('hostile calls of every kernel', () => {
  let calls: HostileCall[];
  let references: Outcome[];
  let heap: GuardedHeap;

  beforeAll(async () => {
    const { numRuns } = shapes(CALLS_PER_KERNEL, 0);
    calls = KERNEL_NAMES.flatMap((kernel, index) => hostileCalls(kernel, numRuns, index));
    await tf.setBackend('cpu');
    references = calls.map(expected);
    await startThreadedBackend();
    heap = new GuardedHeap((tf.backend() as unknown as TfjsWasmBackend).wasm);
  });
  afterAll(() => heap.restore());

  it.each([1, 2])('leave the heap alone, and end as on `cpu` or in a code: threads: %i', async (threads) => {
    const kernels = await install({ threads });
    expect(kernels.threads).toBe(threads);
    const canaries = Array.from({ length: CANARIES }, (_, index) => tf.fill([1 + 7 * index], index + 0.5));
    const before = stateOf();
    const counts = new Map<Verdict, number>();
    const faults: string[] = [];
    for (const [index, call] of calls.entries()) {
      const outcome = run(call);
      const verdict = compare(outcome, references[index]!);
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
      const damage = heap.damage();
      if (verdict === 'wrong' || damage.length > 0 || stateOf() !== before) {
        faults.push(
          [
            title(call),
            verdict,
            ...damage,
            stateOf(),
            JSON.stringify(outcome).slice(0, 300),
            JSON.stringify(references[index]).slice(0, 300),
          ].join('\n'),
        );
      }
    }
    for (const [index, canary] of canaries.entries()) {
      expect(canary.dataSync().every((value) => value === index + 0.5)).toBe(true);
      canary.dispose();
    }
    const count = (verdict: Verdict) => counts.get(verdict) ?? 0;
    console.log(
      `${calls.length} calls of ${KERNEL_NAMES.length} kernels, threads: ${threads}. Computed and compared: ${count('computed')}; computed where cpu refuses: ${count('computed here only')}; refused: ${count('refused')}, of which cpu computes ${count('refused here only')}; wrong: ${count('wrong')}.`,
    );
    expect(faults.slice(0, 3)).toEqual([]);
    expect(calls.length).toBeGreaterThanOrEqual(10_000);
    expect(count('computed')).toBeGreaterThan(calls.length / 4);
    kernels.dispose();
    expect(heap.damage()).toEqual([]);
  });
});

/** What a call must leave as it was. */
function stateOf(): string {
  return `${tf.memory().numTensors} tensors, ${tf.backend().numDataIds()} in the heap`;
}
