/** Counts the channels that give nothing but 0. */
export class DeadChannels {
  readonly #isSilent: boolean[];
  #count: number;

  constructor(channels: number) {
    this.#isSilent = Array(channels).fill(true);
    this.#count = channels;
  }

  get count(): number {
    return this.#count;
  }

  /** @param values with the channels last */
  add(values: ArrayLike<number>): void {
    const isSilent = this.#isSilent;
    for (let place = 0; place < values.length; place++) {
      if (values[place] === 0) continue;
      const channel = place % isSilent.length;
      if (!isSilent[channel]) continue;
      isSilent[channel] = false;
      if (--this.#count === 0) return;
    }
  }
}
