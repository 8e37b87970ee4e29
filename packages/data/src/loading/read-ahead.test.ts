import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readAhead } from './read-ahead.js';

it('ends when it is left, though a read asks for memory only then', async () => {
  const asked: number[] = [];
  const read = async (index: number, admit: (bytes: number) => Promise<void>) => {
    // The first is there at once; the others ask later, for more than fits.
    if (index > 0) await setTimeout(50);
    await admit(2 ** 28);
    asked.push(index);
    return index;
  };
  for await (const index of readAhead(0, 10, read, { ahead: 4 })) {
    expect(index).toBe(0);
    break;
  }
  expect(asked).toEqual([0]);
}, 5000);
