import { backend_util } from '@tensorflow/tfjs-core';
import { areFloats, kernel } from './kernel.js';
import { elementwise, makeFloats, run, runEach, type Shader, WORKGROUP } from './shader.js';

/** Products of a tile: taps of the filter (with their channels in) by channels out. */
const TILE = 1024;
/** Pixels whose values a workgroup keeps in its memory. */
const PIXELS = 16;
/** Enough workgroups for all cores of a GPU, as small filters have few tiles. */
const ENOUGH_WORKGROUPS = 512;
const LEAST_PIXELS_PER_CHUNK = 256;

/**
 * The gradient of a convolution's filter, as a product of matrices: all taps at all pixels, by the output's gradient there. The
 * pixels, of which there are many, are shared among workgroups in chunks.
 */
export const conv2dBackpropFilter = kernel(
  'Conv2DBackpropFilter',
  (backend, { x, dy }, { strides, pad, dataFormat, dimRoundingMode, filterShape }) => {
    if (dataFormat !== 'NHWC' || !areFloats(x, dy)) return undefined;
    const shape = x.shape as [number, number, number, number];
    const info = backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { outHeight, outWidth, inChannels, outChannels } = info;
    const pixels = info.batchSize * outHeight * outWidth;
    const taps = info.filterHeight * info.filterWidth * inChannels;
    const columns = outChannels <= 16 ? 16 : 32;
    const [tilesDown, tilesAcross] = [Math.ceil(taps / (TILE / columns)), Math.ceil(outChannels / columns)];
    const chunks = Math.max(
      1,
      Math.min(
        Math.ceil(ENOUGH_WORKGROUPS / (tilesDown * tilesAcross)),
        Math.ceil(pixels / LEAST_PIXELS_PER_CHUNK),
      ),
    );
    const [gradient] = makeFloats(backend, filterShape);
    const [sums] = chunks === 1 ? [gradient] : makeFloats(backend, [chunks, taps * outChannels]);
    run(backend, products(columns), {
      buffers: { sums, x, dy },
      uniforms: {
        ...{ inHeight: info.inHeight, inWidth: info.inWidth, inChannels },
        ...{ outHeight, outWidth, outChannels, filterWidth: info.filterWidth },
        ...{ strideDown: info.strideHeight, strideAcross: info.strideWidth },
        ...{ top: info.padInfo.top, left: info.padInfo.left },
        ...{ taps, pixels, pixelsPerChunk: Math.ceil(pixels / chunks), tilesAcross },
      },
      workgroups: [tilesDown, tilesAcross * chunks],
    });
    if (chunks === 1) return gradient;
    runEach(backend, CHUNKS, { gradient, sums }, { chunks });
    backend.disposeData(sums.dataId);
    return gradient;
  },
);

/** The products of each chunk's pixels; an invocation computes 2 × 2 of the tile. */
function products(columns: 16 | 32): Shader {
  const rows = TILE / columns;
  const [across, down] = [columns / 2, rows / 2];
  return {
    key: `filterGradient ${columns}`,
    outputs: ['sums'],
    inputs: { x: 'f32', dy: 'f32' },
    uniforms: Object.fromEntries(
      [
        ...['inHeight', 'inWidth', 'inChannels', 'outHeight', 'outWidth', 'outChannels', 'filterWidth'],
        ...['strideDown', 'strideAcross', 'top', 'left', 'taps', 'pixels', 'pixelsPerChunk', 'tilesAcross'],
      ].map((name) => [name, 'u32' as const]),
    ),
    workgroup: [across, down],
    code: `
      var<workgroup> inputs: array<f32, ${PIXELS * rows}>;
      var<workgroup> gradients: array<f32, ${PIXELS * columns}>;

      /** The input at the filter's tap (row, column, channel) for this pixel of the output. */
      fn inputAt(pixel: u32, tap: u32) -> f32 {
        let column = pixel % uniforms.outWidth;
        let row = pixel / uniforms.outWidth % uniforms.outHeight;
        let image = pixel / (uniforms.outWidth * uniforms.outHeight);
        let channel = tap % uniforms.inChannels;
        let tapColumn = tap / uniforms.inChannels % uniforms.filterWidth;
        let tapRow = tap / uniforms.inChannels / uniforms.filterWidth;
        // Also above and to the left of the image: a negative number is a large unsigned one.
        let y = row * uniforms.strideDown + tapRow - uniforms.top;
        let z = column * uniforms.strideAcross + tapColumn - uniforms.left;
        if (y >= uniforms.inHeight || z >= uniforms.inWidth) { return 0f; }
        return x[((image * uniforms.inHeight + y) * uniforms.inWidth + z) * uniforms.inChannels + channel];
      }

      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        let firstTap = group.x * ${rows};
        let firstChannel = group.y % uniforms.tilesAcross * ${columns};
        let chunk = group.y / uniforms.tilesAcross;
        let end = min(uniforms.pixels, (chunk + 1) * uniforms.pixelsPerChunk);
        let invocation = local.y * ${across} + local.x;
        var sum = vec4f();
        for (var first = chunk * uniforms.pixelsPerChunk; first < end; first += ${PIXELS}) {
          for (var index = invocation; index < ${PIXELS * rows}; index += ${WORKGROUP}) {
            let pixel = first + index / ${rows};
            let tap = firstTap + index % ${rows};
            var value = 0f;
            if (pixel < end && tap < uniforms.taps) { value = inputAt(pixel, tap); }
            inputs[index] = value;
          }
          for (var index = invocation; index < ${PIXELS * columns}; index += ${WORKGROUP}) {
            let pixel = first + index / ${columns};
            let channel = firstChannel + index % ${columns};
            var value = 0f;
            if (pixel < end && channel < uniforms.outChannels) {
              value = dy[pixel * uniforms.outChannels + channel];
            }
            gradients[index] = value;
          }
          workgroupBarrier();
          for (var pixel = 0u; pixel < ${PIXELS}; pixel++) {
            let a = vec2f(inputs[pixel * ${rows} + local.y], inputs[pixel * ${rows} + local.y + ${down}]);
            let b = vec2f(gradients[pixel * ${columns} + local.x], gradients[pixel * ${columns} + local.x + ${across}]);
            sum += vec4f(a.x * b, a.y * b);
          }
          workgroupBarrier();
        }
        let start = chunk * uniforms.taps * uniforms.outChannels;
        for (var part = 0u; part < 4; part++) {
          let tap = firstTap + local.y + part / 2 * ${down};
          let channel = firstChannel + local.x + part % 2 * ${across};
          if (tap < uniforms.taps && channel < uniforms.outChannels) {
            sums[start + tap * uniforms.outChannels + channel] = sum[part];
          }
        }
      }`,
  };
}

const CHUNKS = elementwise(
  { key: 'sumOfChunks', outputs: ['gradient'], inputs: { sums: 'f32' }, uniforms: { chunks: 'u32' } },
  `
    var sum = 0f;
    for (var chunk = 0u; chunk < uniforms.chunks; chunk++) {
      sum += sums[chunk * uniforms.gradientSize + index];
    }
    gradient[index] = sum;`,
);
