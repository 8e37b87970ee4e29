import { ResnetError } from '@resnet/core';

/** Of what has been read and waits to be taken, and of what is being read; the next one to be taken may take more. */
const MOST_BYTES = 2 ** 28;

/**
 * To be awaited before so many bytes are taken for what is being read, such as those of a file, and then those of its pixels:
 * it holds back what comes later in the order while others take up the memory.
 */
export type Admit = (bytes: number) => Promise<void>;

/** What is being read, or waits to be taken. */
interface Pending<T> {
  result: Promise<T>;
  /** That it was admitted with. */
  bytes: number;
  /** What it waits to be admitted with. */
  waiting?: { bytes: number; admit: () => void; refuse: (error: Error) => void };
}

/**
 * What `read` gives for first, first + 1, … to last (excluded), in this order, while up to `ahead` of them are being
 * read or wait to be taken, in memory for which `read` asks. Nothing new is read after the signal or once the receiver has
 * left.
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
    // An error counts when its turn has come, and not at all after an earlier one.
    item.result.catch(() => {});
  };
  const admitWaiting = () => {
    for (const item of pending) {
      const { waiting } = item;
      if (!waiting) continue;
      // In their order, so that none is passed over for ever.
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
