// What is done to a convolution's sums before they are stored: the steps in their order.
import { addStatistics } from './statistics';
import { load4, multiplyAdd, Rest, store4 } from './vectors';

/** Add the sums and their squares to the channel's statistics. */
export const STATISTICS: i32 = 1;
/** Multiply by the channel's scale. */
export const SCALE: i32 = 2;
/** Add the channel's shift. */
export const SHIFT: i32 = 4;
/** Add the residual, a tensor of the result's shape. */
export const RESIDUAL: i32 = 8;
/** Replace negative values by zero; NaN stays. */
export const RELU: i32 = 16;

/** The part of a convolution's task for the epilogue. */
@unmanaged
export class Epilogue {
  flags: i32;
  channels: i32;
  scale: usize;
  shift: usize;
  /** The residual's address minus the result's. */
  residualOffset: usize;
}

/** Computes value · scale + shift + residual for four channels of one pixel, at least `floor`, and stores it. */
@inline
export function finish<L>(
  value: v128,
  scale: v128,
  shift: v128,
  floor: v128,
  hasResidual: i32,
  out: usize,
  residualOffset: usize,
  lanes: i32,
): void {
  value = multiplyAdd(value, scale, shift);
  if (hasResidual) value = f32x4.add(value, load4<L>(out + residualOffset, lanes));
  store4<L>(out, f32x4.max(value, floor), lanes);
}

/** The lower bound of a value: 0 with ReLU, none without. */
@inline
export function floorOf(epilogue: Epilogue): v128 {
  return f32x4.splat(epilogue.flags & RELU ? 0 : -Infinity);
}

@inline
export function scaleOf<L>(epilogue: Epilogue, channel: usize, lanes: i32): v128 {
  return epilogue.flags & SCALE ? load4<L>(epilogue.scale + channel, lanes) : f32x4.splat(1);
}

@inline
export function shiftOf<L>(epilogue: Epilogue, channel: usize, lanes: i32): v128 {
  return epilogue.flags & SHIFT ? load4<L>(epilogue.shift + channel, lanes) : f32x4.splat(0);
}

/** Applies the epilogue to up to four channels of several pixels. Sums are `step` bytes apart, results `pixel` bytes. */
export function finishRest(
  epilogue: Epilogue,
  channel: i32,
  pixels: i32,
  from: usize,
  step: usize,
  out: usize,
  pixel: usize,
  statistics: usize,
  lanes: i32,
): void {
  lanes = min(4, lanes);
  const offset = (<usize>channel) << 2;
  const flags = epilogue.flags;
  if (flags & STATISTICS) addStatistics<Rest>(statistics + offset, epilogue.channels, pixels, from, step, lanes);
  const scale = scaleOf<Rest>(epilogue, offset, lanes);
  const shift = shiftOf<Rest>(epilogue, offset, lanes);
  for (; pixels > 0; pixels--) {
    finish<Rest>(v128.load(from), scale, shift, floorOf(epilogue), flags & RESIDUAL, out, epilogue.residualOffset, lanes);
    from += step;
    out += pixel;
  }
}
