/** Takes values from a generator that never ends, and can start the next value before it is taken. */
export class Prefetcher<Value> {
  #begun: Promise<IteratorResult<Value, never>> | undefined;

  constructor(private readonly source: AsyncGenerator<Value, never>) {}

  begin(): void {
    this.#begun ??= this.source.next();
    // `take` throws its error. Without this, one that is never taken would end the process.
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
