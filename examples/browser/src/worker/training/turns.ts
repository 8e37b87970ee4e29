/** Lets several programs work in turn, in the order in which they asked. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Resolves when it is the caller's turn. */
  async begin(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  /** Ends the caller's turn. */
  end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }

  /** Gives all others that wait a turn; resolves when it is the caller's turn again. */
  async pass(): Promise<void> {
    const again = this.begin();
    this.end();
    await again;
  }
}
