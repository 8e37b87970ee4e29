// Batch normalization in training, with residual addition and ReLU ("Batch Normalization", Algorithm 1). Sums are
// float32 over a hundred pixels, then float64, by chunks that are added in a fixed order.
import { addPairs, addToDoubles, load4, multiplyAdd, promoteHigh, Rest, store4, Whole } from './vectors';

const PIXELS_PER_SUM: i32 = 128;
/** Pixels that stay in the L1 cache while their channels are processed four at a time. */
const PIXELS_PER_PASS: i32 = 64;

@unmanaged
export class NormalizationTask {
  x: usize;
  y: usize;
  residual: usize;
  zeros: usize;
  pixels: i32;
  channels: i32;
  pixelsPerChunk: i32;
  chunks: i32;
  relu: i32;
  epsilon: f32;
  gamma: usize;
  beta: usize;
  mean: usize;
  variance: usize;
  /** float64 [chunks][2][channels] */
  totals: usize;
  /** y = x · scale + shift */
  scale: usize;
  shift: usize;
}

/** The chunk's sums of x and of its squares, in float64: x can be far from 0, where the squares cancel. */
export function normalizationStatistics(task: NormalizationTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const totals = task.totals + ((<usize>(chunk * channels)) << 4);
  memory.fill(totals, 0, (<usize>channels) << 4);
  const first = chunk * task.pixelsPerChunk;
  const last = min(first + task.pixelsPerChunk, task.pixels);
  for (let pixel = first; pixel < last; pixel += PIXELS_PER_PASS) {
    const count = min(PIXELS_PER_PASS, last - pixel);
    const x = task.x + ((<usize>(pixel * channels)) << 2);
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) sumStatistics<Whole>(task, x, count, channel, totals, 4);
    if (channel < channels) sumStatistics<Rest>(task, x, count, channel, totals, channels - channel);
  }
}

@inline
function sumStatistics<L>(
  task: NormalizationTask,
  x: usize,
  count: i32,
  channel: i32,
  totals: usize,
  lanes: i32,
): void {
  const pitch = (<usize>task.channels) << 2;
  let from = x + ((<usize>channel) << 2);
  let low = f64x2.splat(0);
  let high = low;
  let lowSquare = low;
  let highSquare = low;
  for (; count > 0; count--) {
    const value = load4<L>(from, lanes);
    const a = f64x2.promote_low_f32x4(value);
    const b = promoteHigh(value);
    low = f64x2.add(low, a);
    high = f64x2.add(high, b);
    lowSquare = f64x2.add(lowSquare, f64x2.mul(a, a));
    highSquare = f64x2.add(highSquare, f64x2.mul(b, b));
    from += pitch;
  }
  const pixel = totals + ((<usize>channel) << 3);
  addPairs(pixel, low, high, lanes);
  addPairs(pixel + ((<usize>task.channels) << 3), lowSquare, highSquare, lanes);
}

/**
 * The normalization as scale and shift, from mean and biased variance. If there are chunks, these are computed from the chunks'
 * sums first. Runs as one chunk.
 */
export function normalizationMoments(task: NormalizationTask, _chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const pixels = <f64>task.pixels;
  for (let channel: usize = 0; channel < <usize>channels; channel++) {
    const offset = channel << 2;
    if (task.chunks > 0) {
      let sum: f64 = 0;
      let square: f64 = 0;
      for (let chunk = 0; chunk < task.chunks; chunk++) {
        const totals = task.totals + ((<usize>(chunk * channels)) << 4);
        sum += f64.load(totals + (channel << 3));
        square += f64.load(totals + ((<usize>channels + channel) << 3));
      }
      const mean = sum / pixels;
      const difference = square / pixels - mean * mean;
      store<f32>(task.mean + offset, <f32>mean);
      // Rounding can take it below zero; NaN must stay.
      store<f32>(task.variance + offset, difference < 0 ? 0 : <f32>difference);
    }
    const variance = <f64>load<f32>(task.variance + offset);
    const scale = <f64>load<f32>(task.gamma + offset) / sqrt<f64>(variance + <f64>task.epsilon);
    store<f32>(task.scale + offset, <f32>scale);
    const shift = <f64>load<f32>(task.beta + offset) - <f64>load<f32>(task.mean + offset) * scale;
    store<f32>(task.shift + offset, <f32>shift);
  }
}

/** y = relu(x · scale + shift + residual), each part where asked. */
export function normalizationApply(task: NormalizationTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const first = chunk * task.pixelsPerChunk;
  const last = min(first + task.pixelsPerChunk, task.pixels);
  for (let pixel = first; pixel < last; pixel += PIXELS_PER_PASS) {
    const count = min(PIXELS_PER_PASS, last - pixel);
    const start = (<usize>(pixel * channels)) << 2;
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) apply<Whole>(task, start, count, channel, 4);
    if (channel < channels) apply<Rest>(task, start, count, channel, channels - channel);
  }
}

@inline
function apply<L>(task: NormalizationTask, start: usize, count: i32, channel: i32, lanes: i32): void {
  const pitch = (<usize>task.channels) << 2;
  const offset = (<usize>channel) << 2;
  const scale = load4<L>(task.scale + offset, lanes);
  const shift = load4<L>(task.shift + offset, lanes);
  const floor = f32x4.splat(task.relu ? 0 : -Infinity);
  let x = task.x + start + offset;
  let y = task.y + start + offset;
  // Without a residual, the same few zeros are added everywhere.
  let residual = task.residual;
  let residualPitch = pitch;
  if (residual) {
    residual += start + offset;
  } else {
    residual = task.zeros;
    residualPitch = 0;
  }
  for (; count > 0; count--) {
    const value = f32x4.add(multiplyAdd(load4<L>(x, lanes), scale, shift), load4<L>(residual, lanes));
    store4<L>(y, f32x4.max(value, floor), lanes);
    x += pitch;
    y += pitch;
    residual += residualPitch;
  }
}

@unmanaged
export class NormalizationGradientTask {
  x: usize;
  y: usize;
  dy: usize;
  pixels: i32;
  channels: i32;
  pixelsPerChunk: i32;
  chunks: i32;
  relu: i32;
  epsilon: f32;
  gamma: usize;
  mean: usize;
  variance: usize;
  /** float64 [chunks][2][channels] */
  totals: usize;
  dGamma: usize;
  dBeta: usize;
  /** dx = dSum · fromGradient + x · fromInput + constant, with dSum the gradient before the ReLU. */
  fromGradient: usize;
  fromInput: usize;
  constant: usize;
  dx: usize;
  /** The gradient before the ReLU, which is the residual's; 0 if it is not needed. */
  dResidual: usize;
}

/** The chunk's sums of dSum and of dSum · (x - mean). Where the residual needs dSum, it is kept, and read by the second pass. */
export function normalizationGradientSums(task: NormalizationGradientTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const totals = task.totals + ((<usize>(chunk * channels)) << 4);
  memory.fill(totals, 0, (<usize>channels) << 4);
  const first = chunk * task.pixelsPerChunk;
  const last = min(first + task.pixelsPerChunk, task.pixels);
  for (let pixel = first; pixel < last; pixel += PIXELS_PER_SUM) {
    const count = min(PIXELS_PER_SUM, last - pixel);
    const start = (<usize>(pixel * channels)) << 2;
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) sumGradient<Whole>(task, start, count, channel, totals, 4);
    if (channel < channels) sumGradient<Rest>(task, start, count, channel, totals, channels - channel);
  }
}

@inline
function sumGradient<L>(
  task: NormalizationGradientTask,
  start: usize,
  count: i32,
  channel: i32,
  totals: usize,
  lanes: i32,
): void {
  const pitch = (<usize>task.channels) << 2;
  const offset = (<usize>channel) << 2;
  const mean = load4<L>(task.mean + offset, lanes);
  const floor = floorOf(task);
  let x = task.x + start + offset;
  let y = task.y + start + offset;
  let dy = task.dy + start + offset;
  let dResidual = task.dResidual;
  if (dResidual) dResidual += start + offset;
  let sum = f32x4.splat(0);
  let product = sum;
  for (; count > 0; count--) {
    const gradient = v128.and(load4<L>(dy, lanes), f32x4.gt(load4<L>(y, lanes), floor));
    if (dResidual) {
      store4<L>(dResidual, gradient, lanes);
      dResidual += pitch;
    }
    sum = f32x4.add(sum, gradient);
    product = multiplyAdd(gradient, f32x4.sub(load4<L>(x, lanes), mean), product);
    x += pitch;
    y += pitch;
    dy += pitch;
  }
  addToDoubles(totals + (offset << 1), sum, lanes);
  addToDoubles(totals + ((<usize>task.channels) << 3) + (offset << 1), product, lanes);
}

/** The gradient passes where y is above this: 0 with ReLU; without, it always passes. */
@inline
function floorOf(task: NormalizationGradientTask): v128 {
  return f32x4.splat(task.relu ? 0 : -Infinity);
}

/** From the chunks' sums: the gradients of gamma and beta, and the factors of the gradient of x. Runs as one chunk. */
export function normalizationGradientMoments(task: NormalizationGradientTask, _chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const pixels = <f64>task.pixels;
  for (let channel: usize = 0; channel < <usize>channels; channel++) {
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let chunk = 0; chunk < task.chunks; chunk++) {
      const totals = task.totals + ((<usize>(chunk * channels)) << 4);
      sum += f64.load(totals + (channel << 3));
      product += f64.load(totals + ((<usize>channels + channel) << 3));
    }
    const offset = channel << 2;
    const inverse = 1 / sqrt<f64>(<f64>load<f32>(task.variance + offset) + <f64>task.epsilon);
    const scale = <f64>load<f32>(task.gamma + offset) * inverse;
    const slope = (-scale * inverse * inverse * product) / pixels;
    store<f32>(task.dBeta + offset, <f32>sum);
    store<f32>(task.dGamma + offset, <f32>(product * inverse));
    store<f32>(task.fromGradient + offset, <f32>scale);
    store<f32>(task.fromInput + offset, <f32>slope);
    const constant = (-scale * sum) / pixels - slope * <f64>load<f32>(task.mean + offset);
    store<f32>(task.constant + offset, <f32>constant);
  }
}

export function normalizationGradientApply(task: NormalizationGradientTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const first = chunk * task.pixelsPerChunk;
  const last = min(first + task.pixelsPerChunk, task.pixels);
  for (let pixel = first; pixel < last; pixel += PIXELS_PER_PASS) {
    const count = min(PIXELS_PER_PASS, last - pixel);
    const start = (<usize>(pixel * channels)) << 2;
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) applyGradient<Whole>(task, start, count, channel, 4);
    if (channel < channels) applyGradient<Rest>(task, start, count, channel, channels - channel);
  }
}

@inline
function applyGradient<L>(task: NormalizationGradientTask, start: usize, count: i32, channel: i32, lanes: i32): void {
  const pitch = (<usize>task.channels) << 2;
  const offset = (<usize>channel) << 2;
  const fromGradient = load4<L>(task.fromGradient + offset, lanes);
  const fromInput = load4<L>(task.fromInput + offset, lanes);
  const constant = load4<L>(task.constant + offset, lanes);
  const floor = floorOf(task);
  let x = task.x + start + offset;
  let y = task.y + start + offset;
  let dy = task.dy + start + offset;
  let dx = task.dx + start + offset;
  let dResidual = task.dResidual;
  if (dResidual) dResidual += start + offset;
  for (; count > 0; count--) {
    let gradient: v128;
    if (dResidual) {
      gradient = load4<L>(dResidual, lanes);
      dResidual += pitch;
    } else {
      gradient = v128.and(load4<L>(dy, lanes), f32x4.gt(load4<L>(y, lanes), floor));
    }
    store4<L>(dx, multiplyAdd(gradient, fromGradient, multiplyAdd(load4<L>(x, lanes), fromInput, constant)), lanes);
    x += pitch;
    y += pitch;
    dy += pitch;
    dx += pitch;
  }
}
