/** Mean and standard deviation of values that come in parts, added up in float64. */
export class Moments {
  #count = 0;
  /** The first value. Sums are of differences from it, so that no digits are lost where the mean is large. */
  #origin = 0;
  #sum = 0;
  #squares = 0;

  add(values: ArrayLike<number>): void {
    if (this.#count === 0) this.#origin = values[0] ?? 0;
    const origin = this.#origin;
    let [sum, squares] = [0, 0];
    for (let index = 0; index < values.length; index++) {
      const difference = values[index]! - origin;
      sum += difference;
      squares += difference * difference;
    }
    this.#count += values.length;
    this.#sum += sum;
    this.#squares += squares;
  }

  get mean(): number {
    return this.#origin + this.#sum / this.#count;
  }

  /** Of all values, not of a sample. */
  get std(): number {
    const mean = this.#sum / this.#count;
    return Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
  }
}
