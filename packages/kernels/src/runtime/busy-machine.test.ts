import { expect, it } from 'vitest';
import { BusyMachine } from './busy-machine.js';

it('works alone where threads are held up, longer each time, and not where they are not', () => {
  const machine = new BusyMachine();
  let now = 0;
  const work = (waiting: number) => {
    for (let job = 0; job < 30; job++) {
      now += 1;
      machine.note(1, waiting, now);
    }
  };
  work(0.1);
  expect(machine.isBusy(now)).toBe(false);
  const pauses = [250, 500, 1000, 2000, 4000, 4000];
  for (const pause of pauses) {
    work(0.4);
    expect(machine.isBusy(now + pause - 10)).toBe(true);
    now += pause + 1;
    expect(machine.isBusy(now)).toBe(false);
  }
  for (let good = 0; good < 5; good++) work(0.1);
  work(0.4);
  expect(machine.isBusy(now + 240)).toBe(true);
  expect(machine.isBusy(now + 252)).toBe(false);
});
