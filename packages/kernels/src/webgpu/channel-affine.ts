import { areFloats, kernel } from './kernel.js';
import { elementwise, makeFloats, runEach } from './shader.js';

/** x · scale + shift for each channel, then ReLU where asked. */
export const channelAffine = kernel('ChannelAffine', (backend, { x, scale, shift }, { relu }) => {
  if (!areFloats(x, scale, shift)) return undefined;
  const [y] = makeFloats(backend, x.shape);
  runEach(backend, affine(relu), { y, x, scale, shift });
  return y;
});

const affine = (relu: boolean) =>
  elementwise(
    {
      key: `channelAffine ${relu}`,
      outputs: ['y'],
      inputs: { x: 'f32', scale: 'f32', shift: 'f32' },
    },
    `
    let channel = index % uniforms.scaleSize;
    let sum = x[index] * scale[channel] + shift[channel];
    y[index] = ${relu ? 'select(sum, 0f, sum < 0f)' : 'sum'};`,
  );
