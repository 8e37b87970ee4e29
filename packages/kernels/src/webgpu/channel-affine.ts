import { areFloats, kernel, sizeOf } from './kernel.js';
import { each, run, type Shader, workgroupsFor } from './shader.js';

/** x · scale + shift for each channel, then ReLU where asked. */
export const channelAffine = kernel('ChannelAffine', (backend, { x, scale, shift }, { relu }) => {
  if (!areFloats(x, scale, shift)) return undefined;
  const y = backend.makeTensorInfo(x.shape, 'float32');
  run(backend, affine(relu), {
    buffers: { y, x, scale, shift },
    uniforms: {},
    workgroups: workgroupsFor(backend, sizeOf(x)),
  });
  return y;
});

const affine = (relu: boolean): Shader => ({
  key: `channelAffine ${relu}`,
  outputs: ['y'],
  inputs: { x: 'f32', scale: 'f32', shift: 'f32' },
  uniforms: {},
  code: `
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      ${each('uniforms.ySize')} {
        let channel = index % uniforms.scaleSize;
        let sum = x[index] * scale[channel] + shift[channel];
        y[index] = ${relu ? 'select(sum, 0f, sum < 0f)' : 'sum'};
      }
    }`,
});
