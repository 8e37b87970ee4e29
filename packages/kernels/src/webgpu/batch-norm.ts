import type { TensorInfo } from '@tensorflow/tfjs-core';
import { areFloats, kernel } from './kernel.js';
import { type Reduction, reductionOf } from './reduction.js';
import { elementwise, makeFloats, run, runEach, type Shader, totalOf } from './shader.js';
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
    const shader = application({ relu, residual: residual !== undefined });
    runEach(backend, shader, { y, x, factors, ...(residual ? { residual } : {}) }, { channels });
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
    const shader = gradientApplication({ relu, residual: dMasked !== undefined });
    const buffers = { dx, ...given, factors, ...(dMasked ? { dResidual: dMasked } : {}) };
    runEach(backend, shader, buffers, { channels });
    for (const { dataId } of [partials, factors]) backend.disposeData(dataId);
    return residual ? [dx, dGamma, dBeta, dMasked ?? shared(backend, dy)] : [dx, dGamma, dBeta];
  },
);

/** The sums of each chunk, [numbers][chunks][channels]; owned by the caller. */
function sumPixels(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  numbers: number,
  { channels, pixels, pixelsPerChunk, chunks, ofPixels }: Reduction,
  inputs: Record<string, TensorInfo>,
): TensorInfo {
  const [partials] = makeFloats(backend, [numbers * chunks * channels]);
  run(backend, shader, {
    buffers: { partials, ...inputs },
    uniforms: { channels, pixels, pixelsPerChunk },
    workgroups: [chunks, Math.ceil(channels / ofPixels[0])],
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
  let count = a.x + b.x;
  let between = b.y - a.y;
  let share = b.x / max(count, 1f);
  return vec3f(count, a.y + between * share, a.z + b.z + between * between * a.x * share);`;

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
function statistics({ ofPixels }: Reduction): Shader {
  const [columns, rows] = ofPixels;
  return {
    key: `batchNormStatistics ${columns}`,
    outputs: ['partials'],
    inputs: { x: 'f32' },
    uniforms: PIXELS,
    workgroup: ofPixels,
    code: `
      const COLUMNS = ${columns}u;
      ${totalOf('vec3f', ofPixels, COMBINE_MOMENTS)}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var shift = 0f;
        // Count, sum and sum of squares.
        var sums = vec3f();
        ${eachPixel(rows)} {
          let value = x[pixel * uniforms.channels + channel];
          if (pixel == first) { shift = value; }
          let shifted = value - shift;
          sums += vec3f(1f, shifted, shifted * shifted);
        }
        let mean = sums.y / max(sums.x, 1f);
        let all = total(vec3f(sums.x, shift + mean, max(sums.z - sums.y * mean, 0f)), local);
        if (${isFirstOfChannel}) {
          ${partial(0, 'group.x', 'groups.x')} = all.x;
          ${partial(1, 'group.x', 'groups.x')} = all.y;
          ${partial(2, 'group.x', 'groups.x')} = all.z;
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
    code: `
      const COLUMNS = ${columns}u;
      ${totalOf('vec3f', ofChunks, COMBINE_MOMENTS)}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var some = vec3f();
        ${eachChunk(rows)} {
          let next = vec3f(
            ${partial(0, 'chunk', 'uniforms.chunks')},
            ${partial(1, 'chunk', 'uniforms.chunks')},
            ${partial(2, 'chunk', 'uniforms.chunks')},
          );
          some = combine(some, next);
        }
        let all = total(some, local);
        if (${isFirstOfChannel}) {
          let biased = all.z / f32(uniforms.pixels);
          mean[channel] = all.y;
          variance[channel] = biased;
          factors[channel] = all.y;
          factors[uniforms.channels + channel] = gamma[channel] * inverseSqrt(biased + uniforms.epsilon);
          factors[2 * uniforms.channels + channel] = beta[channel];
        }
      }`,
  };
}

function application({ relu, residual }: { relu: boolean; residual: boolean }): Shader {
  return elementwise(
    {
      key: `batchNormApplication ${relu} ${residual}`,
      outputs: ['y'],
      inputs: { x: 'f32', factors: 'f32', ...(residual ? { residual: 'f32' } : {}) },
      uniforms: { channels: 'u32' },
    },
    `
      let channel = index % uniforms.channels;
      // Centered first: if the mean is far from 0, a shift at the end would lose the last digits.
      let centered = x[index] - factors[channel];
      let normalized = centered * factors[uniforms.channels + channel] + factors[2 * uniforms.channels + channel];
      let sum = normalized${residual ? ' + residual[index]' : ''};
      y[index] = ${relu ? 'select(sum, 0f, sum < 0f)' : 'sum'};`,
  );
}

/** The gradient before the ReLU. */
const dSum = (relu: boolean) => (relu ? 'select(0f, dy[index], y[index] > 0)' : 'dy[index]');

/** Each chunk's sums of dy, and of dy times the deviation of x. */
function gradientSums({ ofPixels }: Reduction, relu: boolean): Shader {
  const [columns, rows] = ofPixels;
  return {
    key: `batchNormGradientSums ${columns} ${relu}`,
    outputs: ['partials'],
    inputs: { x: 'f32', dy: 'f32', mean: 'f32', ...(relu ? { y: 'f32' } : {}) },
    uniforms: PIXELS,
    workgroup: ofPixels,
    code: `
      const COLUMNS = ${columns}u;
      ${totalOf('vec2f', ofPixels, 'return a + b;')}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        var sums = vec2f();
        ${eachPixel(rows)} {
          let index = pixel * uniforms.channels + channel;
          let d = ${dSum(relu)};
          sums += vec2f(d, d * (x[index] - mean[channel]));
        }
        let all = total(sums, local);
        if (${isFirstOfChannel}) {
          ${partial(0, 'group.x', 'groups.x')} = all.x;
          ${partial(1, 'group.x', 'groups.x')} = all.y;
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
    code: `
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
function gradientApplication({ relu, residual }: { relu: boolean; residual: boolean }): Shader {
  return elementwise(
    {
      key: `batchNormGradientApplication ${relu} ${residual}`,
      outputs: ['dx', ...(residual ? ['dResidual'] : [])],
      inputs: { x: 'f32', dy: 'f32', factors: 'f32', ...(relu ? { y: 'f32' } : {}) },
      uniforms: { channels: 'u32' },
    },
    `
      let channel = index % uniforms.channels;
      let d = ${dSum(relu)};
      ${residual ? 'dResidual[index] = d;' : ''}
      let centered = x[index] - factors[channel];
      let explained = factors[2 * uniforms.channels + channel] + centered * factors[3 * uniforms.channels + channel];
      dx[index] = factors[uniforms.channels + channel] * (d - explained);`,
  );
}
