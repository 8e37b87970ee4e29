import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { PackedFilters } from './packed-filters.js';
import type { Runtime } from './runtime.js';

/** Everything that kernels use. */
export interface Context {
  runtime: Runtime;
  filters: PackedFilters;
  /** Whether 3×3 convolutions may use Winograd's algorithm. */
  winograd: boolean;
  /** Runs a kernel of tfjs, which must exist, before or after the work of a kernel of this package. */
  stock(kernelName: string, inputs: Record<string, TensorInfo>, attributes?: object): TensorInfo;
}
