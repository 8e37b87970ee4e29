/** Milliseconds of work after which it is decided again. */
const WINDOW = 30;
/** The share of the time that the main thread may wait for others. Where their cores are free it is some hundredths. */
const MOST_WAITING = 0.15;
/** Milliseconds that the main thread works alone, at first and at most. */
const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 4000;

/**
 * Notices that other programs have taken the cores of threads: then these hold up the main thread in the middle of their chunks, and
 * it is faster alone. After a while they get another chance; the while doubles each time that they are held up again. Results don't depend on who computes them.
 */
export class BusyMachine {
  #total = 0;
  #waiting = 0;
  #pause = SHORTEST_PAUSE;
  #aloneUntil = 0;

  /** Whether the main thread should work alone. */
  isBusy(now: number): boolean {
    return now < this.#aloneUntil;
  }

  /**
   * Hears of work on all threads.
   *
   * @param total milliseconds that it took, and `waiting` those of them that the main thread waited for others
   */
  note(total: number, waiting: number, now: number): void {
    this.#total += total;
    this.#waiting += waiting;
    if (this.#total < WINDOW) return;
    if (this.#waiting > MOST_WAITING * this.#total) {
      this.#aloneUntil = now + this.#pause;
      this.#pause = Math.min(LONGEST_PAUSE, 2 * this.#pause);
    } else this.#pause = Math.max(SHORTEST_PAUSE, this.#pause / 2);
    this.#total = 0;
    this.#waiting = 0;
  }
}
