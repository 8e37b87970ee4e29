/** Counts the channels that are 0 everywhere. */
export class DeadChannels {
  readonly #isDead: boolean[];
  #count: number;

  constructor(channels: number) {
    this.#isDead = Array(channels).fill(true);
    this.#count = channels;
  }

  get count(): number {
    return this.#count;
  }

  /** @param values with the channels last */
  add(values: ArrayLike<number>): void {
    const isDead = this.#isDead;
    for (let index = 0; index < values.length; index++) {
      if (values[index] === 0) continue;
      const channel = index % isDead.length;
      if (!isDead[channel]) continue;
      isDead[channel] = false;
      if (--this.#count === 0) return;
    }
  }
}
