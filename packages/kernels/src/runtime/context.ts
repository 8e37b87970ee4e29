import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { PackedFilters } from './packed-filters.js';
import type { Runtime } from './runtime.js';

/** What kernels work with. */
export interface Context {
  runtime: Runtime;
  filters: PackedFilters;
  /** Whether 3×3 convolutions may be done by Winograd's algorithm. */
  winograd: boolean;
  /** Runs a kernel of tfjs's own, which must be there; for what follows or precedes a kernel of this package. */
  stock(kernelName: string, inputs: Record<string, TensorInfo>, attributes?: object): TensorInfo;
}
