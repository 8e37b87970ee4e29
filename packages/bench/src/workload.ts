/** One way to run a network, ready to be timed. */
export interface Workload {
  /** One training step. Gives the loss. */
  train(): number;
  /** One forward pass in inference. */
  infer(): void;
}

/** What `measure` prints for `main` to read. */
export interface Measurement {
  milliseconds: number;
  peakMegabytes: number;
  heapMegabytes: number;
}
