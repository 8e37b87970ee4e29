/** Takes from a generator that never ends, and can have it begin the next value before that is asked for. */
export class Prefetcher<Value> {
  #begun: Promise<IteratorResult<Value, never>> | undefined;

  constructor(private readonly source: AsyncGenerator<Value, never>) {}

  begin(): void {
    this.#begun ??= this.source.next();
    // Who takes the value hears of an error; nobody may.
    this.#begun.catch(() => {});
  }

  async take(): Promise<Value> {
    const next = this.#begun ?? this.source.next();
    this.#begun = undefined;
    return (await next).value;
  }

  /** Ends the generator, which frees a value that was begun and never taken. */
  async close(): Promise<void> {
    await this.source.return(undefined as never);
  }
}
