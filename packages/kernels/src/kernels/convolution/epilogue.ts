import { RELU, RESIDUAL, SCALE, SHIFT, STATISTICS } from '../../generated/constants.js';
import type { Context } from '../../runtime/context.js';

/** What to do to a convolution's sums, in this order; see assembly/epilogue.ts. Addresses. */
export interface Epilogue {
  /** Whether to sum each channel's values and squares into the buffer 'totals'. */
  statistics?: boolean;
  scale?: number;
  shift?: number;
  residual?: number;
  relu?: boolean;
}

export function flagsOf({ statistics, scale, shift, residual, relu }: Epilogue): number {
  return (
    (statistics ? STATISTICS : 0) |
    (scale ? SCALE : 0) |
    (shift ? SHIFT : 0) |
    (residual ? RESIDUAL : 0) |
    (relu ? RELU : 0)
  );
}

export function residualOffset({ residual = 0 }: Epilogue, y: number): number {
  return (residual - y) | 0;
}

export function totalsOf(
  { runtime }: Context,
  { statistics }: Epilogue,
  channels: number,
  parts: number,
): number {
  return statistics ? runtime.buffer('totals', 16 * parts * channels) : 0;
}
