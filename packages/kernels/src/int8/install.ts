import type { KernelFunc } from '@tensorflow/tfjs-core';
import { TILE_ROWS } from '../generated/constants.js';
import { INT8_TASKS } from '../generated/tasks.js';
import { replaceKernels } from '../patches/kernels.js';
import { guarded } from '../runtime/guarded.js';
import { compile } from '../runtime/module.js';
import type { PackedFilters } from '../runtime/packed-filters.js';
import { type Exports, Runtime } from '../runtime/runtime.js';
import { startThreads } from '../runtime/threads.js';
import type { Int8Context, Int8Kernel, Int8Products } from './context.js';
import { int8Convolution } from './convolution.js';
import { int8Dequantize, int8Quantize, int8SubsamplePad } from './elementwise.js';
import { fakeQuantize, fakeQuantizeGradient } from './fake-quantize.js';
import { int8AveragePool, int8MaxPool } from './pooling.js';
import { int8Products } from './products.js';

const KERNELS: readonly Int8Kernel[] = [
  int8Convolution,
  int8MaxPool,
  int8AveragePool,
  int8Quantize,
  int8Dequantize,
  int8SubsamplePad,
  fakeQuantize,
  fakeQuantizeGradient,
];

/** The int8 kernels, installed. */
export interface Int8Kernels {
  /** 'int8-bytes' where dot products of bytes are used, else 'int8-words'. */
  readonly feature: string;
  readonly scratchBytes: number;
  dispose(): void;
}

export interface Int8Options {
  relaxedSimd: boolean;
  winograd: boolean;
  wasmPath: string | undefined;
  /** By default what suits the engine. */
  products?: Int8Products | undefined;
}

/**
 * Loads the module of the int8 kernels, starts threads for it, and registers the kernels.
 *
 * @param runtime that of the float32 kernels
 */
export async function installInt8(
  runtime: Runtime,
  filters: PackedFilters,
  { relaxedSimd, winograd, wasmPath, products = int8Products(relaxedSimd) }: Int8Options,
): Promise<Int8Kernels> {
  const { backend, memory } = runtime;
  const isShared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const build =
    `int8-${products.kind === 'bytes' ? 'relaxed-simd' : 'simd'}${isShared ? '-threads' : ''}` as const;
  const module = await compile(build, wasmPath);
  const exports = (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as Exports;
  const rows = TILE_ROWS[products.kind === 'bytes' ? 'relaxed' : 'plain'];
  const own = new Runtime(backend, memory, exports, rows, INT8_TASKS);
  let stopThreads = () => {};
  try {
    if (runtime.threads > 1) stopThreads = await startThreads(own, module, exports, runtime.threads);
  } catch (error) {
    own.dispose();
    throw error;
  }
  const context: Int8Context = { runtime: own, filters, products, winograd };
  const restore = replaceKernels(
    new Map(
      KERNELS.map(({ name, run }): [string, KernelFunc] => [
        name,
        guarded(runtime, name, ({ inputs, attrs }) => run(context, inputs, attrs ?? {})!),
      ]),
    ),
  );
  return {
    feature: `int8-${products.kind}`,
    get scratchBytes() {
      return own.scratchBytes;
    },
    dispose() {
      restore();
      stopThreads();
      own.dispose();
    },
  };
}
