import type { PackedFilters } from './packed-filters.js';
import type { Runtime } from './runtime.js';

/** What kernels work with. */
export interface Context {
  runtime: Runtime;
  filters: PackedFilters;
  /** Whether 3×3 convolutions may be done by Winograd's algorithm. */
  winograd: boolean;
}
