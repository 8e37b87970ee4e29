import type { TensorInfo } from '@tensorflow/tfjs-core';
import { areFloats, kernel } from './kernel.js';
import { type Reduction, reductionOf } from './reduction.js';
import {
  type Channels,
  channelsOf,
  channelwise,
  makeFloats,
  reluOf,
  run,
  runChannelwise,
  type Shader,
  totalOf,
} from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** y = relu(normalized + residual) with the statistics of x → [y, mean, biased variance] */
export const batchNormTraining = kernel(
  'BatchNormTraining',
  (backend, { x, gamma, beta, residual }, { epsilon, relu }) => {
    if (!areFloats(x, gamma, beta, residual)) return undefined;
    const reduction = reductionOf(x);
    const { channels } = reduction;
    const vector = [channels];
    const [y, mean, variance, factors] = makeFloats(backend, x.shape, vector, vector, [3 * channels]);
    const partials = sumPixels(backend, statistics(reduction), 3, reduction, { x });
    combineChunks(backend, moments(reduction), reduction, epsilon, {
      ...{ mean, variance, factors, partials, gamma, beta },
    });
    const shader = application(channelsOf(channels), { relu, residual: residual !== undefined });
    runChannelwise(backend, shader, { y, x, factors, ...(residual ? { residual } : {}) }, channels);
    for (const { dataId } of [partials, factors]) backend.disposeData(dataId);
    return [y, mean, variance];
  },
);

/** → [dx, dGamma, dBeta], and the residual's gradient where there was one */
export const batchNormTrainingGradient = kernel(
  'BatchNormTrainingGradient',
  (backend, { dy, x, y, gamma, mean, variance }, { epsilon, relu, residual }) => {
    if (!areFloats(dy, x, y, gamma, mean, variance)) return undefined;
    const reduction = reductionOf(x);
    const { channels } = reduction;
    const vector = [channels];
    const [dx, dGamma, dBeta, factors] = makeFloats(backend, x.shape, vector, vector, [4 * channels]);
    const given = { x, dy, ...(relu ? { y } : {}) };
    const partials = sumPixels(backend, gradientSums(reduction, relu), 2, reduction, { ...given, mean });
    combineChunks(backend, gradientMoments(reduction), reduction, epsilon, {
      ...{ dGamma, dBeta, factors, partials, gamma, mean, variance },
    });
    const dMasked = residual && relu ? makeFloats(backend, x.shape)[0] : undefined;
    const shader = gradientApplication(channelsOf(channels), { relu, residual: dMasked !== undefined });
    const buffers = { dx, ...given, factors, ...(dMasked ? { dResidual: dMasked } : {}) };
    runChannelwise(backend, shader, buffers, channels);
    for (const { dataId } of [partials, factors]) backend.disposeData(dataId);
    return residual ? [dx, dGamma, dBeta, dMasked ?? shared(backend, dy)] : [dx, dGamma, dBeta];
  },
);

/** The sums of each chunk, [numbers][chunks][channels]; owned by the caller. */
function sumPixels(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  numbers: number,
  { channels, together, pixels, pixelsPerChunk, chunks, ofPixels }: Reduction,
  inputs: Record<string, TensorInfo>,
): TensorInfo {
  const [partials] = makeFloats(backend, [numbers * chunks * channels]);
  run(backend, shader, {
    buffers: { partials, ...inputs },
    uniforms: { channels: channels / together, pixels, pixelsPerChunk },
    workgroups: [chunks, Math.ceil(channels / together / ofPixels[0])],
  });
  return partials;
}

function combineChunks(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  { channels, pixels, chunks, ofChunks }: Reduction,
  epsilon: number,
  buffers: Record<string, TensorInfo>,
): void {
  run(backend, shader, {
    buffers,
    uniforms: { channels, pixels, chunks, epsilon },
    workgroups: [Math.ceil(channels / ofChunks[0]), 1],
  });
}

/** The same data as another tensor's. */
function shared(backend: TfjsWebgpuBackend, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/**
 * Combines the counts, means and summed squares of deviations of two sets (Chan, Golub and LeVeque): no two large numbers are
 * subtracted, however far from 0 the mean is.
 */
const COMBINE_MOMENTS = `
  let count = a.count + b.count;
  let between = b.mean - a.mean;
  let share = b.count / max(count, 1f);
  return Moments(count, a.mean + between * share, a.deviations + b.deviations + between * between * a.count * share);`;

const PIXELS = { channels: 'u32', pixels: 'u32', pixelsPerChunk: 'u32' } as const;
const CHUNKS = { channels: 'u32', pixels: 'u32', chunks: 'u32', epsilon: 'f32' } as const;

/** The head of a loop over the pixels of a workgroup's chunk. */
const eachPixel = (rows: number) => `
  let channel = group.y * COLUMNS + local.x;
  let first = group.x * uniforms.pixelsPerChunk + local.y;
  let end = select(0u, min((group.x + 1) * uniforms.pixelsPerChunk, uniforms.pixels), channel < uniforms.channels);
  for (var pixel = first; pixel < end; pixel += ${rows})`;

const eachChunk = (rows: number) => `
  let channel = group.x * COLUMNS + local.x;
  let end = select(0u, uniforms.chunks, channel < uniforms.channels);
  for (var chunk = local.y; chunk < end; chunk += ${rows})`;

/** A number of the chunk and the channel, in the layout of the partial sums. */
const partial = (number: number, chunk: string, chunks: string) =>
  `partials[(${number} * ${chunks} + ${chunk}) * uniforms.channels + channel]`;

const isFirstOfChannel = 'local.y == 0 && channel < uniforms.channels';

/** x → each chunk's count, mean, and summed squares of deviations */
function statistics({ channels, ofPixels }: Reduction): Shader {
  const [columns, rows] = ofPixels;
  const { isWhole, type } = channelsOf(channels);
  return {
    key: `batchNormStatistics ${columns} ${type}`,
    outputs: ['partials'],
    inputs: { x: 'f32' },
    vectors: isWhole ? ['partials', 'x'] : [],
    uniforms: PIXELS,
    workgroup: ofPixels,
    code: () => `
      const COLUMNS = ${columns}u;
      struct Moments { count: f32, mean: ${type}, deviations: ${type} }
      ${totalOf('Moments', ofPixels, COMBINE_MOMENTS)}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var shift = ${type}();
        var count = 0f;
        var sum = ${type}();
        var squares = ${type}();
        ${eachPixel(rows)} {
          let value = x[pixel * uniforms.channels + channel];
          if (pixel == first) { shift = value; }
          let shifted = value - shift;
          count += 1;
          sum += shifted;
          squares += shifted * shifted;
        }
        let mean = sum / max(count, 1f);
        let all = total(Moments(count, shift + mean, max(squares - sum * mean, ${type}())), local);
        if (${isFirstOfChannel}) {
          ${partial(0, 'group.x', 'groups.x')} = ${type}(all.count);
          ${partial(1, 'group.x', 'groups.x')} = all.mean;
          ${partial(2, 'group.x', 'groups.x')} = all.deviations;
        }
      }`,
  };
}

function moments({ ofChunks }: Reduction): Shader {
  const [columns, rows] = ofChunks;
  return {
    key: `batchNormMoments ${columns}`,
    outputs: ['mean', 'variance', 'factors'],
    inputs: { partials: 'f32', gamma: 'f32', beta: 'f32' },
    uniforms: CHUNKS,
    workgroup: ofChunks,
    code: () => `
      const COLUMNS = ${columns}u;
      struct Moments { count: f32, mean: f32, deviations: f32 }
      ${totalOf('Moments', ofChunks, COMBINE_MOMENTS)}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var some = Moments();
        ${eachChunk(rows)} {
          let next = Moments(
            ${partial(0, 'chunk', 'uniforms.chunks')},
            ${partial(1, 'chunk', 'uniforms.chunks')},
            ${partial(2, 'chunk', 'uniforms.chunks')},
          );
          some = combine(some, next);
        }
        let all = total(some, local);
        if (${isFirstOfChannel}) {
          let biased = all.deviations / f32(uniforms.pixels);
          mean[channel] = all.mean;
          variance[channel] = biased;
          factors[channel] = all.mean;
          factors[uniforms.channels + channel] = gamma[channel] * inverseSqrt(biased + uniforms.epsilon);
          factors[2 * uniforms.channels + channel] = beta[channel];
        }
      }`,
  };
}

function application(channels: Channels, { relu, residual }: { relu: boolean; residual: boolean }): Shader {
  return channelwise(
    {
      key: `batchNormApplication ${relu} ${residual}`,
      outputs: ['y'],
      inputs: { x: 'f32', factors: 'f32', ...(residual ? { residual: 'f32' } : {}) },
    },
    channels,
    {
      prepare: `
        let mean = factors[channel];
        let scale = factors[channels + channel];
        let shift = factors[2 * channels + channel];`,
      // Centered first: if the mean is far from 0, a shift at the end would lose the last digits.
      body: `
        let sum = (x[index] - mean) * scale + shift${residual ? ' + residual[index]' : ''};
        y[index] = ${relu ? reluOf('sum', channels) : 'sum'};`,
    },
  );
}

/** The gradient before the ReLU. */
const dSum = (relu: boolean, type: string) =>
  relu ? `select(${type}(), dy[index], y[index] > ${type}())` : 'dy[index]';

/** Each chunk's sums of dy, and of dy times the deviation of x. */
function gradientSums({ channels, ofPixels }: Reduction, relu: boolean): Shader {
  const [columns, rows] = ofPixels;
  const { isWhole, type } = channelsOf(channels);
  const inputs = ['x', 'dy', 'mean', ...(relu ? ['y'] : [])];
  return {
    key: `batchNormGradientSums ${columns} ${type} ${relu}`,
    outputs: ['partials'],
    inputs: Object.fromEntries(inputs.map((name) => [name, 'f32' as const])),
    vectors: isWhole ? ['partials', ...inputs] : [],
    uniforms: PIXELS,
    workgroup: ofPixels,
    code: () => `
      const COLUMNS = ${columns}u;
      struct Sums { ofDy: ${type}, ofProducts: ${type} }
      ${totalOf('Sums', ofPixels, 'return Sums(a.ofDy + b.ofDy, a.ofProducts + b.ofProducts);')}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var sums = Sums();
        ${eachPixel(rows)} {
          let index = pixel * uniforms.channels + channel;
          let d = ${dSum(relu, type)};
          sums.ofDy += d;
          sums.ofProducts += d * (x[index] - mean[channel]);
        }
        let all = total(sums, local);
        if (${isFirstOfChannel}) {
          ${partial(0, 'group.x', 'groups.x')} = all.ofDy;
          ${partial(1, 'group.x', 'groups.x')} = all.ofProducts;
        }
      }`,
  };
}

function gradientMoments({ ofChunks }: Reduction): Shader {
  const [columns, rows] = ofChunks;
  return {
    key: `batchNormGradientMoments ${columns}`,
    outputs: ['dGamma', 'dBeta', 'factors'],
    inputs: { partials: 'f32', gamma: 'f32', mean: 'f32', variance: 'f32' },
    uniforms: CHUNKS,
    workgroup: ofChunks,
    code: () => `
      const COLUMNS = ${columns}u;
      ${totalOf('vec2f', ofChunks, 'return a + b;')}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var some = vec2f();
        ${eachChunk(rows)} {
          some += vec2f(
            ${partial(0, 'chunk', 'uniforms.chunks')},
            ${partial(1, 'chunk', 'uniforms.chunks')},
          );
        }
        let all = total(some, local);
        if (${isFirstOfChannel}) {
          let inverse = inverseSqrt(variance[channel] + uniforms.epsilon);
          let pixels = f32(uniforms.pixels);
          let correlation = all.y * inverse;
          dGamma[channel] = correlation;
          dBeta[channel] = all.x;
          factors[channel] = mean[channel];
          factors[uniforms.channels + channel] = gamma[channel] * inverse;
          factors[2 * uniforms.channels + channel] = all.x / pixels;
          factors[3 * uniforms.channels + channel] = inverse * correlation / pixels;
        }
      }`,
  };
}

/** dx = γ / σ · (dy - the mean of dy - the part of dy that goes with x) */
function gradientApplication(
  channels: Channels,
  { relu, residual }: { relu: boolean; residual: boolean },
): Shader {
  return channelwise(
    {
      key: `batchNormGradientApplication ${relu} ${residual}`,
      outputs: ['dx', ...(residual ? ['dResidual'] : [])],
      inputs: { x: 'f32', dy: 'f32', factors: 'f32', ...(relu ? { y: 'f32' } : {}) },
    },
    channels,
    {
      prepare: `
        let mean = factors[channel];
        let scale = factors[channels + channel];
        let meanOfDy = factors[2 * channels + channel];
        let slope = factors[3 * channels + channel];`,
      body: `
        let d = ${dSum(relu, channels.type)};
        ${residual ? 'dResidual[index] = d;' : ''}
        let explained = meanOfDy + (x[index] - mean) * slope;
        dx[index] = scale * (d - explained);`,
    },
  );
}
