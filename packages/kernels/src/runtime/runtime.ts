import { ResnetError } from '@resnet/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { CHUNKS_PER_JOB, CONTROL_OFFSETS } from '../generated/constants.js';
import type { INT8_TASKS, TASKS } from '../generated/tasks.js';
import { BusyMachine } from './busy-machine.js';
import type { TfjsWasmBackend } from './tfjs-wasm.js';

/** The functions of the WebAssembly module; see assembly/threads.ts. */
export interface Exports {
  run(kernel: number, task: number, chunks: number, scratch: number): void;
  publish(control: number, kernel: number, task: number, first: number, chunks: number): void;
  work(control: number, thread: number): void;
  serve(control: number, thread: number): void;
  settle(control: number): number;
  rest(control: number): void;
  fail(control: number): void;
  stop(control: number): void;
}

/** The kernels of a module: for each the fields of its task, in their order. */
export type Tasks = typeof TASKS | typeof INT8_TASKS;
type Fields<T extends Tasks, K extends keyof T> = { [Field in keyof T[K]]: number };

export const MAX_THREADS = 64;
/** After the control block, which ends with the scratch address of each thread. */
const TASK_OFFSET = CONTROL_OFFSETS.scratch + 4 + 4 * MAX_THREADS;
const TASK_BYTES = 256;
/** How long the main thread waits for a chunk that a worker has taken; such a chunk takes milliseconds. */
const LOST_AFTER_MILLISECONDS = 60_000;

/** Whether this thread may sleep: the main thread of a page may not. */
const canRest = maySleep();

function maySleep(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}

/** Runs kernels of a WebAssembly module on tfjs's memory, and owns the memory that they need besides tensors. */
export class Runtime<T extends Tasks = typeof TASKS> {
  readonly control: number;
  /** Threads that take part, the main thread among them. */
  threads = 1;
  /**
   * Whether workers may still use the control block, even after they were told to end: then it is never freed, as they would
   * write into memory that has been given to others. It has some 600 bytes.
   */
  hasWorkers = false;
  /** Called when a worker is lost, to end the others. */
  onThreadLost: () => void = () => {};
  private readonly buffers = new Map<string, { address: number; bytes: number }>();
  private threadScratchBytes = 0;
  private view!: Int32Array;
  private floatView!: Float32Array;
  private made: TensorInfo[] | undefined;
  private passed: TensorInfo[] = [];
  private readonly machine = new BusyMachine();
  /** Each kernel's number, and the fields of its task. */
  private readonly kernels: Map<keyof T, { number: number; fields: [string, 'i32' | 'f32'][] }>;

  constructor(
    readonly backend: TfjsWasmBackend,
    readonly memory: WebAssembly.Memory,
    private readonly exports: Exports,
    /** Rows of the largest tile of this build. */
    readonly tileRows: number,
    tasks: T,
  ) {
    this.kernels = new Map(
      Object.entries(tasks).map(([name, fields], number) => [
        name as keyof T,
        { number, fields: Object.entries(fields) },
      ]),
    );
    this.control = this.allocate(TASK_OFFSET + TASK_BYTES);
    this.words().fill(0, this.control >>> 2, (this.control + TASK_OFFSET) >>> 2);
  }

  /** The heap as int32; valid until something is allocated. */
  words(): Int32Array {
    if (this.view?.buffer !== this.memory.buffer) this.view = new Int32Array(this.memory.buffer);
    return this.view;
  }

  /** The heap as float32; valid until something is allocated. */
  floats(): Float32Array {
    if (this.floatView?.buffer !== this.memory.buffer) this.floatView = new Float32Array(this.memory.buffer);
    return this.floatView;
  }

  /** The address of a tensor's values. */
  address({ dataId }: TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** A new tensor with arbitrary values. Disposed if the kernel that made it throws. */
  output(shape: number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): TensorInfo {
    return this.backend.makeOutput(shape, dtype);
  }

  /** A new float32 tensor of zeros. */
  outputOfZeros(shape: number[]): TensorInfo {
    const info = this.output(shape);
    this.backend.typedArrayFromHeap(info).fill(0);
    return info;
  }

  /** Marks a tensor to be disposed when the running kernel has ended. */
  passing(info: TensorInfo): TensorInfo {
    this.passed.push(info);
    return info;
  }

  /** Whether a kernel of this package or of tfjs is running. */
  get isRunning(): boolean {
    return this.made !== undefined;
  }

  /** Records a tensor that is made while a kernel runs. */
  note(info: TensorInfo): void {
    this.made?.push(info);
  }

  /** Runs `kernel`, then disposes the tensors that `passing` has marked; if it throws, also the outputs that it has made. */
  guard<T>(kernel: () => T): T {
    const { made, passed } = this;
    this.made = [];
    this.passed = [];
    try {
      return kernel();
    } catch (error) {
      for (const { dataId } of this.made ?? []) this.backend.disposeData(dataId, true);
      throw error;
    } finally {
      for (const { dataId } of this.passed) this.backend.disposeData(dataId);
      this.made = made;
      this.passed = passed;
    }
  }

  /** @throws OUT_OF_MEMORY */
  allocate(bytes: number): number {
    return this.backend.wasm._malloc(bytes);
  }

  free(address: number): void {
    this.backend.wasm._free(address);
  }

  /** Memory that is kept under a name. When it has to grow, its contents are lost. */
  buffer(name: string, bytes: number): number {
    const present = this.buffers.get(name);
    if (present && present.bytes >= bytes) return present.address;
    if (present) {
      this.free(present.address);
      this.buffers.delete(name);
    }
    const address = this.allocate(bytes);
    this.buffers.set(name, { address, bytes });
    return address;
  }

  /** A buffer that holds these integers. */
  integers(name: string, values: ArrayLike<number>): number {
    const address = this.buffer(name, 4 * Math.max(1, values.length));
    this.words().set(values, address >>> 2);
    return address;
  }

  /** A buffer of at least this many bytes of zeros, which nobody writes to. */
  zeros(bytes: number): number {
    const present = this.buffers.get('zeros');
    if (present && present.bytes >= bytes) return present.address;
    const address = this.buffer('zeros', Math.max(4096, bytes));
    const end = address + this.buffers.get('zeros')!.bytes;
    this.words().fill(0, address >>> 2, end >>> 2);
    return address;
  }

  /** Makes sure that each thread has this much scratch memory. */
  threadScratch(bytes: number): void {
    if (bytes <= this.threadScratchBytes) return;
    this.threadScratchBytes = 0;
    for (let thread = 0; thread < this.threads; thread++) {
      const address = this.buffer(`thread ${thread}`, bytes);
      this.words()[(this.control + CONTROL_OFFSETS.scratch) / 4 + thread] = address;
    }
    this.threadScratchBytes = bytes;
  }

  /** Bytes of all buffers: the memory that kernels use besides tensors and packed filters. */
  get scratchBytes(): number {
    let total = 0;
    for (const { bytes } of this.buffers.values()) total += bytes;
    return total;
  }

  /**
   * Runs chunks 0 to chunks - 1 of a kernel, on all threads, or on this one while other programs hold up the others.
   * @throws KERNEL_FAILED if a chunk ends in a trap; THREAD_LOST if a thread vanishes in the middle of one
   */
  run<K extends keyof T & string>(kernel: K, fields: Fields<T, K>, chunks: number): void {
    if (this.threadScratchBytes === 0) this.threadScratch(1024);
    const task = this.control + TASK_OFFSET;
    this.writeTask(kernel, fields, task);
    const { number } = this.kernels.get(kernel)!;
    if (this.threads === 1 || chunks === 1 || this.machine.isBusy(performance.now())) {
      const scratch = this.words()[(this.control + CONTROL_OFFSETS.scratch) / 4]!;
      this.trap(kernel, () => this.exports.run(number, task, chunks, scratch));
      return;
    }
    for (let first = 0; first < chunks; first += CHUNKS_PER_JOB) {
      this.runJob(kernel, number, task, first, Math.min(CHUNKS_PER_JOB, chunks - first));
    }
  }

  dispose(): void {
    for (const { address } of this.buffers.values()) this.free(address);
    this.buffers.clear();
    if (!this.hasWorkers) this.free(this.control);
  }

  private writeTask<K extends keyof T>(kernel: K, fields: Fields<T, K>, task: number): void {
    const words = this.words();
    const floats = this.floats();
    let at = task >>> 2;
    for (const [field, type] of this.kernels.get(kernel)!.fields) {
      const value = (fields as Record<string, number>)[field]!;
      if (type === 'f32') floats[at++] = value;
      else words[at++] = value;
    }
  }

  private runJob(kernel: string, number: number, task: number, first: number, chunks: number): void {
    const { control, exports } = this;
    const started = performance.now();
    exports.publish(control, number, task, first, chunks);
    let cause: unknown;
    for (let isTaken = false; !isTaken; ) {
      try {
        exports.work(control, 0);
        isTaken = true;
      } catch (error) {
        cause = error;
        exports.fail(control);
      }
    }
    const ended = performance.now();
    while (exports.settle(control) > 0) {
      if (canRest) exports.rest(control);
      if (performance.now() < ended + LOST_AFTER_MILLISECONDS) continue;
      this.threads = 1;
      this.onThreadLost();
      const message = `A thread stopped in the middle of the kernel '${kernel}'. From now on one thread is used.`;
      throw new ResnetError('THREAD_LOST', message);
    }
    const now = performance.now();
    this.machine.note(now - started, now - ended, now);
    if (Atomics.load(this.words(), (control + CONTROL_OFFSETS.failed) >>> 2) > 0) throw failed(kernel, cause);
  }

  private trap(kernel: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw failed(kernel, cause);
    }
  }
}

function failed(kernel: string, cause: unknown): ResnetError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ' on another thread';
  const message = `The kernel '${kernel}' ended in a trap${reason}. This is a defect of @resnet/kernels: please report it with the shapes of the tensors.`;
  return new ResnetError('KERNEL_FAILED', message, { cause });
}
