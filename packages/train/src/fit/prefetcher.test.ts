import { expect, it } from 'vitest';
import { Prefetcher } from './prefetcher.js';

/** Numbers, and what happened to each. */
function counting(failAt = Number.POSITIVE_INFINITY) {
  const log: string[] = [];
  async function* numbers(): AsyncGenerator<number, never> {
    for (let number = 0; ; number++) {
      if (number === failAt) throw new Error(`no ${number}`);
      log.push(`make ${number}`);
      try {
        yield number;
      } finally {
        log.push(`free ${number}`);
      }
    }
  }
  return { log, ahead: new Prefetcher(numbers()) };
}

it('makes a value when it is begun, once, and otherwise when it is taken', async () => {
  const { log, ahead } = counting();
  expect(await ahead.take()).toBe(0);
  expect(log).toEqual(['make 0']);
  ahead.begin();
  ahead.begin();
  await Promise.resolve();
  expect(log).toEqual(['make 0', 'free 0', 'make 1']);
  expect(await ahead.take()).toBe(1);
  expect(await ahead.take()).toBe(2);
});

it('frees what was begun and never taken', async () => {
  const { log, ahead } = counting();
  await ahead.take();
  ahead.begin();
  await ahead.close();
  expect(log).toEqual(['make 0', 'free 0', 'make 1', 'free 1']);
});

it('throws what beginning threw when that is taken, and to nobody if it never is', async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  process.on('unhandledRejection', hear);
  const first = counting(1);
  await first.ahead.take();
  first.ahead.begin();
  await expect(first.ahead.take()).rejects.toThrow('no 1');
  const second = counting(1);
  await second.ahead.take();
  second.ahead.begin();
  await second.ahead.close();
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});
