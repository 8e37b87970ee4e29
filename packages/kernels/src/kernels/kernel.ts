import { type Kernel as KernelOn, kernelsOn } from '../contracts/kernel.js';
import type { Context } from '../runtime/context.js';

/** A kernel on WASM. */
export type Kernel = KernelOn<Context>;
export const kernel = kernelsOn<Context>();
