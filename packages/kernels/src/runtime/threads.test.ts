import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { install, type Kernels } from '../install.js';
import { type Call, callsOfAllKernels, largeCalls, titleOf } from '../testing/calls.js';
import { allConfigurations, type Configuration } from '../testing/configurations.js';
import { bytesOf, runKernel, toTensor } from '../testing/run-kernel.js';
import { filled } from '../testing/tensors.js';
import { startThreadedBackend } from '../testing/threaded-backend.js';
import { watchWorkers } from '../testing/watch-workers.js';

const workers = watchWorkers();
let kernels: Kernels;

beforeAll(startThreadedBackend);
afterEach(() => kernels.dispose());
afterAll(() => workers.stop());

/** The bytes of all results of all calls. */
function resultsOf(calls: Call[]): Uint8Array[][] {
  return calls.map((call) => runKernel(...call).map(({ values }) => bytesOf(values)));
}

async function start(threads: number, configuration: Partial<Configuration> = {}): Promise<void> {
  kernels = await install({ ...configuration, threads });
  expect(kernels.threads).toBe(threads);
  expect(kernels.features.includes('threads')).toBe(threads > 1);
}

function expectSame(calls: Call[], results: Uint8Array[][], expected: Uint8Array[][]): void {
  for (const [index, call] of calls.entries()) {
    const areSame = results[index]!.every(
      (bytes, which) => Buffer.compare(bytes, expected[index]![which]!) === 0,
    );
    expect(areSame, titleOf(call)).toBe(true);
  }
}

describe('threads', () => {
  it.each(allConfigurations)('change no bit of any result: $title', async (configuration) => {
    const calls = [...callsOfAllKernels(50, configuration.seed), ...largeCalls()];
    await start(1, configuration);
    const alone = resultsOf(calls);
    for (const threads of [2, 3]) {
      kernels.dispose();
      await start(threads, configuration);
      expectSame(calls, resultsOf(calls), alone);
    }
  });

  it('are not missed when they end while nothing is to be done', async () => {
    const calls = largeCalls();
    await start(1);
    const alone = resultsOf(calls);
    kernels.dispose();
    const before = workers.running();
    await start(3);
    const own = workers.running().filter((worker) => !before.includes(worker));
    expect(own).toHaveLength(2);
    await own[0]!.terminate();
    expectSame(calls, resultsOf(calls), alone);
    await own[1]!.terminate();
    expectSame(calls, resultsOf(calls), alone);
  });

  it('end with the kernels, and write nothing after', async () => {
    const before = workers.running().length;
    for (let round = 0; round < 10; round++) {
      await start(3);
      runKernel('GlobalAveragePool', { x: filled([8, 3, 3, 5], 1) });
      expect(workers.running()).toHaveLength(before + 2);
      kernels.dispose();
      // Tensors of all sizes, one of which takes the memory that the threads looked at.
      const tensors = Array.from({ length: 60 }, (_, index) => toTensor(filled([16 * (index % 20) + 10], 7)));
      await expect.poll(() => workers.running().length).toBe(before);
      for (const tensor of tensors) {
        expect(tensor.dataSync().every((value) => value === 7)).toBe(true);
        tensor.dispose();
      }
    }
  });
});
