import { ResnetError } from '@resnet/core';

/** The most memory of items that are being read or wait to be taken; the next one to be taken may exceed it. */
const MOST_BYTES = 2 ** 28;

/**
 * To be awaited before memory is allocated for an item, with its bytes: first those of a file, then those of its pixels. It makes
 * later items wait while earlier ones use the memory.
 */
export type Admit = (bytes: number) => Promise<void>;

/** An item that is being read or waits to be taken. */
interface Pending<T> {
  result: Promise<T>;
  /** The bytes that it was admitted with. */
  bytes: number;
  /** The bytes that it asks for and has not been admitted with. */
  waiting?: { bytes: number; admit: () => void; refuse: (error: Error) => void };
}

/**
 * The results of `read` for first, first + 1, … to last (excluded), in this order. Up to `ahead` of them are being read or wait to
 * be taken; `read` asks for the memory that it needs. Nothing new is read after the signal, or once the consumer has returned.
 */
export async function* readAhead<T>(
  first: number,
  last: number,
  read: (index: number, admit: Admit) => Promise<T>,
  { ahead, signal }: { ahead: number; signal?: AbortSignal | undefined },
): AsyncGenerator<T, undefined> {
  const pending: Pending<T>[] = [];
  let next = first;
  let bytesHeld = 0;
  let isClosed = false;
  const take = (item: Pending<T>, bytes: number) => {
    item.bytes += bytes;
    bytesHeld += bytes;
  };
  const fits = (item: Pending<T>, bytes: number) => item === pending[0] || bytesHeld + bytes <= MOST_BYTES;
  const begin = (index: number) => {
    const item: Pending<T> = { result: undefined as never, bytes: 0 };
    pending.push(item);
    item.result = read(index, async (bytes) => {
      if (isClosed) throw closed();
      if (fits(item, bytes)) return take(item, bytes);
      await new Promise<void>((admit, refuse) => {
        item.waiting = { bytes, admit, refuse };
      });
    });
    // An error is thrown at its turn in the order, and only if no earlier one was.
    item.result.catch(() => {});
  };
  const admitWaiting = () => {
    for (const item of pending) {
      const { waiting } = item;
      if (!waiting) continue;
      // In order, so that none waits forever.
      if (!fits(item, waiting.bytes)) return;
      delete item.waiting;
      take(item, waiting.bytes);
      waiting.admit();
    }
  };
  try {
    while (next < last || pending.length > 0) {
      while (next < last && pending.length < ahead && !signal?.aborted) begin(next++);
      if (pending.length === 0) return undefined;
      yield await pending[0]!.result;
      bytesHeld -= pending.shift()!.bytes;
      admitWaiting();
    }
  } finally {
    isClosed = true;
    for (const { waiting } of pending) waiting?.refuse(closed());
    await Promise.allSettled(pending.map(({ result }) => result));
  }
  return undefined;
}

function closed(): ResnetError {
  return new ResnetError('ABORTED', 'Reading ahead was stopped.');
}
