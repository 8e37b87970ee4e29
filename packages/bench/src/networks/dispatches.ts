import * as tf from '@tensorflow/tfjs-core';

interface Program {
  /** Of tfjs's own programs it tells the shapes as well. */
  shaderKey: string;
}

/** What is used here of tfjs's WebGPU backend, all of which it declares as private. */
interface WebgpuBackend {
  recordAndSubmit(program: Program, ...others: unknown[]): void;
  supportTimestampQuery: boolean;
  /** Where there is a list, every dispatch is a pass of its own, whose times it gets. */
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
    return times.map((milliseconds, place) => ({ name: this.names[first + place]!, milliseconds }));
  }
}

/** tfjs's programs have classes, which bundlers number; this project's are plain objects. */
function nameOf(program: Program): string {
  const { name } = program.constructor;
  return name === 'Object' ? program.shaderKey : name.replace(/(?<=Program)\d+$/, '');
}
