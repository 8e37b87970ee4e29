import { type Kernel, kernelsOn } from '../contracts/kernel.js';
import type { INT8_TASKS } from '../generated/tasks.js';
import type { PackedFilters } from '../runtime/packed-filters.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * How bytes are multiplied. By products of 16 bits, which every engine has: then Winograd's algorithm is exact too. Or by dot
 * products of bytes, faster where the processor has an instruction for them; engines differ in whether they take the values as
 * unsigned or as signed, so `flip` changes the sign bit for the latter.
 */
export type Int8Products = { kind: 'words' } | { kind: 'bytes'; flip: 0 | 0x80 };

/** What tasks have as `rounding`: adding it rounds a float of less than 2^22 to an integer. */
export const ROUNDING = 1.5 * 2 ** 23;

/** What int8 kernels work with. */
export interface Int8Context {
  runtime: Runtime<typeof INT8_TASKS>;
  filters: PackedFilters;
  products: Int8Products;
  winograd: boolean;
}

/** A kernel of quantized tensors on WASM. */
export type Int8Kernel = Kernel<Int8Context>;
export const int8Kernel = kernelsOn<Int8Context>();
