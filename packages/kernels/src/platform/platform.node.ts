import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import v8 from 'node:v8';
import { Worker } from 'node:worker_threads';

/** A thread that runs a program given as text. */
export interface ThreadWorker {
  /** Resolves at the program's first message; rejects if it fails before. */
  readonly ready: Promise<void>;
  send(message: object): void;
  terminate(): void;
}

/** Starts a thread, which does not keep the process alive. */
export function createWorker(program: string): ThreadWorker {
  const worker = new Worker(program, { eval: true });
  worker.unref();
  const ready = new Promise<void>((resolve, reject) => {
    // Waiting for the thread must keep the process alive.
    const alive = setInterval(() => {}, 1000);
    const end = (settle: () => void) => {
      clearInterval(alive);
      settle();
    };
    worker.once('message', () => end(resolve));
    worker.once('error', (error) => end(() => reject(error)));
    worker.once('messageerror', (error) => end(() => reject(error)));
    worker.once('exit', () => end(() => reject(new Error('it ended at once'))));
  });
  return {
    ready,
    send: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
}

/** Node 20 has relaxed SIMD behind a flag, which works until the first module that needs it is compiled. */
export function enableRelaxedSimd(): void {
  if (Number(process.versions.node.split('.')[0]) < 22) {
    v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  }
}

/**
 * The number of physical cores that this process may use: two threads on one core share its multipliers. On Linux the kernel
 * knows the number; elsewhere x86 processors are assumed to run two threads per core, all others one.
 */
export function physicalCores(): number {
  const available = os.availableParallelism();
  const siblings = (core: number) => `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;
  if (existsSync(siblings(0))) {
    const cores = new Set<string>();
    for (let core = 0; existsSync(siblings(core)); core++) cores.add(readFileSync(siblings(core), 'utf8'));
    return Math.min(cores.size, available);
  }
  return os.arch() === 'x64' ? Math.max(1, available >> 1) : available;
}

/** The bytes of a file or of a URL. */
export async function fetchBytes(url: string): Promise<ArrayBuffer> {
  if (/^https?:/.test(url)) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    return response.arrayBuffer();
  }
  const bytes = await readFile(url.startsWith('file:') ? new URL(url) : url);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
