import { areFloats, kernel } from './kernel.js';
import { type Channels, channelsOf, channelwise, makeFloats, reluOf, runChannelwise } from './shader.js';

/** x · scale + shift for each channel, then ReLU where asked. */
export const channelAffine = kernel('ChannelAffine', (backend, { x, scale, shift }, { relu }) => {
  if (!areFloats(x, scale, shift)) return undefined;
  const [y] = makeFloats(backend, x.shape);
  const channels = scale.shape[0]!;
  runChannelwise(backend, affine(channelsOf(channels), relu), { y, x, scale, shift }, channels);
  return y;
});

const affine = (channels: Channels, relu: boolean) =>
  channelwise(
    {
      key: `channelAffine ${relu}`,
      outputs: ['y'],
      inputs: { x: 'f32', scale: 'f32', shift: 'f32' },
    },
    channels,
    {
      prepare: `
        let ofChannel = scale[channel];
        let shiftOfChannel = shift[channel];`,
      body: `
        let sum = x[index] * ofChannel + shiftOfChannel;
        y[index] = ${relu ? reluOf('sum', channels) : 'sum'};`,
    },
  );
