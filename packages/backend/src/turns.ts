let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** Runs work that must not overlap, such as the start of a backend: one after the other, in the order of the calls. */
export async function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => {});
  waiting++;
  try {
    return await turn;
  } finally {
    waiting--;
  }
}

/** Calls `work` at once where nothing else runs, else in its turn. */
export function atOnceOrInTurn(work: () => void): void {
  if (waiting === 0) work();
  else void inTurn(work);
}
