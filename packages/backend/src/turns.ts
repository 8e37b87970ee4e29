let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** Does work that must not overlap, such as the start of a backend: in the order of the calls, one after the other. */
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

/** Does it at once where nothing else is at work, else in its turn. */
export function atOnceOrInTurn(work: () => void): void {
  if (waiting === 0) work();
  else void inTurn(work);
}
