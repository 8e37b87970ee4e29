/**
 * What `read` gives for first, first + 1, … to last (excluded), in this order, while up to `ahead` of them are being
 * read or wait to be taken. Nothing new is read after the signal or once the receiver has left.
 */
export async function* readAhead<T>(
  first: number,
  last: number,
  read: (place: number) => Promise<T>,
  { ahead, signal }: { ahead: number; signal?: AbortSignal | undefined },
): AsyncGenerator<T, undefined> {
  const pending: Promise<T>[] = [];
  let next = first;
  try {
    while (next < last || pending.length > 0) {
      while (next < last && pending.length < ahead && !signal?.aborted) {
        const reading = read(next++);
        // An error counts when its turn has come, and not at all after an earlier one.
        reading.catch(() => {});
        pending.push(reading);
      }
      if (pending.length === 0) return undefined;
      yield await pending.shift()!;
    }
  } finally {
    next = last;
    await Promise.allSettled(pending);
  }
  return undefined;
}
