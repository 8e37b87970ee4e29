import { imageAt, loader } from '@resnet/data';
import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet, toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normalization, stripes } from '../test-support.js';
import { reestimateStatistics } from './reestimate-statistics.js';

useOneBackend();

const set = stripes(24);
const batches = (batchSize: number) => loader(set, { batchSize }).epoch(0);

it('takes the moments of all images together, exactly for the first layer', async () => {
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 2 });
  const before = tf.memory().numTensors;
  await reestimateStatistics(network, batches(7), normalization);
  expect(tf.memory().numTensors).toBe(before);
  const state = await network.stateDict();

  // The first convolution's outputs over all images, by tfjs's own operations.
  const moments = tf.tidy(() => {
    const { data } = state.get('conv1.weight')!;
    const filter = tf.transpose(
      tf.tensor4d(data as Float32Array, [16, 1, 3, 3]),
      [2, 3, 1, 0],
    ) as tf.Tensor4D;
    const pixels = Array.from({ length: set.count }, (_, index) => imageAt(set, index).pixels);
    const images = Uint8Array.from(pixels.flatMap((each) => [...each]));
    const whole = { images, count: set.count, height: 32, width: 32, channels: 1 };
    const outputs = tf.conv2d(toTensor(whole, normalization), filter, 1, 1);
    return tf.moments(outputs, [0, 1, 2]);
  });
  const [mean, variance] = await Promise.all([moments.mean.data(), moments.variance.data()]);
  tf.dispose([moments.mean, moments.variance]);
  const found = (name: string) => state.get(name)!.data as Float32Array;
  for (let channel = 0; channel < 16; channel++) {
    expect(found('bn1.running_mean')[channel]).toBeCloseTo(mean![channel]!, 4);
    expect(found('bn1.running_var')[channel]! / variance![channel]!).toBeCloseTo(1, 3);
  }
  network.dispose();
});

it('leaves the statistics as they were when stopped', async () => {
  const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 2 });
  const before = await network.stateDict();
  const stop = new AbortController();
  async function* some() {
    for await (const batch of batches(8)) {
      yield batch;
      stop.abort();
    }
  }
  await expect(reestimateStatistics(network, some(), normalization, stop.signal)).rejects.toMatchObject({
    code: 'ABORTED',
  });
  expect(await network.stateDict()).toEqual(before);
  network.dispose();
});
