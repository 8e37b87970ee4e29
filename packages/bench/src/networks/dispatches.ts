import * as tf from '@tensorflow/tfjs-core';

interface Program {
  /** For programs of tfjs it has the shapes too. */
  shaderKey: string;
}

/** What is used here of tfjs's WebGPU backend, all of which it declares as private. */
interface WebgpuBackend {
  recordAndSubmit(program: Program, ...others: unknown[]): void;
  supportTimestampQuery: boolean;
  /** Where there is a list, every dispatch is a separate pass, whose times are added to it. */
  activeTimers: { query: Promise<number> }[] | null;
}

/** Listens to the dispatches of the current backend, which has to be tfjs's WebGPU backend. */
export class Dispatches {
  readonly #backend = tf.backend() as unknown as WebgpuBackend;
  /** Of all dispatches so far, in order. */
  readonly names: string[] = [];
  /** When the last one was recorded, in milliseconds of `performance.now()`. */
  lastRecorded = 0;

  constructor() {
    const backend = this.#backend;
    const record = backend.recordAndSubmit.bind(backend);
    backend.recordAndSubmit = (program, ...others) => {
      record(program, ...others);
      this.names.push(nameOf(program));
      this.lastRecorded = performance.now();
    };
  }

  /** Whether the device can tell how long dispatches take. */
  get hasTimes(): boolean {
    return this.#backend.supportTimestampQuery;
  }

  /** The milliseconds on the GPU of every dispatch of some work, in order. */
  async timesOf(work: () => unknown): Promise<{ name: string; milliseconds: number }[]> {
    const first = this.names.length;
    const timers: { query: Promise<number> }[] = [];
    this.#backend.activeTimers = timers;
    await work();
    this.#backend.activeTimers = null;
    const times = await Promise.all(timers.map(({ query }) => query));
    return times.map((milliseconds, index) => ({ name: this.names[first + index]!, milliseconds }));
  }
}

/** tfjs's programs have classes, which bundlers number; this project's are plain objects. */
function nameOf(program: Program): string {
  const { name } = program.constructor;
  return name === 'Object' ? program.shaderKey : name.replace(/(?<=Program)\d+$/, '');
}
