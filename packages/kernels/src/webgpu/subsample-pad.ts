import { areFloats, kernel } from './kernel.js';
import { elementwise, makeFloats, runEach } from './shader.js';

/** Every `stride`-th row and column of x, and zeros for the channels that are new, half of them on either side. */
export const subsamplePad = kernel('SubsamplePad', (backend, { x }, { stride, channels }) => {
  if (!areFloats(x)) return undefined;
  const [images, height, width] = x.shape as [number, number, number, number];
  const shape = [images, Math.ceil(height / stride), Math.ceil(width / stride), channels];
  const [y] = makeFloats(backend, shape);
  runEach(backend, SUBSAMPLING, { y, x }, geometryOf(x.shape, shape, stride));
  return y;
});

/** The gradient of x, of the given shape, where dy is that of y. */
export const subsamplePadGradient = kernel('SubsamplePadGradient', (backend, { dy }, { stride, shape }) => {
  if (!areFloats(dy)) return undefined;
  const [dx] = makeFloats(backend, shape);
  runEach(backend, GRADIENT, { dx, dy }, geometryOf(shape, dy.shape, stride));
  return dx;
});

const GEOMETRY = {
  height: 'u32',
  width: 'u32',
  channels: 'u32',
  outHeight: 'u32',
  outWidth: 'u32',
  outChannels: 'u32',
  stride: 'u32',
  before: 'u32',
} as const;

function geometryOf(
  shape: number[],
  outShape: number[],
  stride: number,
): Record<keyof typeof GEOMETRY, number> {
  const [, height, width, channels] = shape as [number, number, number, number];
  const [, outHeight, outWidth, outChannels] = outShape as [number, number, number, number];
  const before = Math.floor((outChannels - channels) / 2);
  return { height, width, channels, outHeight, outWidth, outChannels, stride, before };
}

/** The image, row, column and channel of an element. */
const POSITION = `
  fn positionOf(index: u32, height: u32, width: u32, channels: u32) -> vec4u {
    let pixel = index / channels;
    let row = pixel / width;
    return vec4u(row / height, row % height, pixel % width, index % channels);
  }`;

const SUBSAMPLING = elementwise(
  { key: 'subsamplePad', outputs: ['y'], inputs: { x: 'f32' }, uniforms: GEOMETRY },
  `
    let at = positionOf(index, uniforms.outHeight, uniforms.outWidth, uniforms.outChannels);
    let row = (at.x * uniforms.height + at.y * uniforms.stride) * uniforms.width + at.z * uniforms.stride;
    // A channel before the first wraps around to a large number.
    let channel = at.w - uniforms.before;
    y[index] = select(0f, x[row * uniforms.channels + channel], channel < uniforms.channels);`,
  POSITION,
);

const GRADIENT = elementwise(
  { key: 'subsamplePadGradient', outputs: ['dx'], inputs: { dy: 'f32' }, uniforms: GEOMETRY },
  `
    let at = positionOf(index, uniforms.height, uniforms.width, uniforms.channels);
    let row = (at.x * uniforms.outHeight + at.y / uniforms.stride) * uniforms.outWidth + at.z / uniforms.stride;
    let isTaken = at.y % uniforms.stride == 0 && at.z % uniforms.stride == 0;
    dx[index] = select(0f, dy[row * uniforms.outChannels + uniforms.before + at.w], isTaken);`,
  POSITION,
);
