import { type Backend, useBackend } from '@resnet/backend';
import { create, exportOnnx, type Network, type NetworkOptions, prepare } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import * as onnxRuntime from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Every operation that is written, of every kind of network. */
const networks: [string, NetworkOptions, size: number][] = [
  ['resnet20', { shortcut: 'A' }, 32],
  ['resnet14-cifar', { shortcut: 'C', inChannels: 1, classes: 5 }, 32],
  ['plain20', {}, 32],
  ['resnet18', { shortcut: 'B', stem: 'small' }, 32],
  ['resnet18', { shortcut: 'A' }, 64],
  ['resnet50', { strideOn: '3x3', outputStride: 8 }, 64],
  ['highway19', {}, 32],
];

describe('exportOnnx', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend('wasm', { threads: 1 });
  });
  afterAll(() => backend.dispose());

  describe.each(networks)('of %s %j', (name, options, size) => {
    let network: Network;
    let channels: number;
    beforeAll(() => {
      network = create(name, { ...options, seed: 2 });
      channels = network.architecture.inChannels;
      // Statistics other than at the start.
      tf.tidy(() => network.forward(tf.randomNormal([4, size, size, channels], 0.5, 1, 'float32', 1)));
      network.setTraining(false);
    });
    afterAll(() => network.dispose());

    // Another size tells whether counts and sizes are free; option A's odd sizes are those of the slices.
    it.each([
      [1, 0],
      [3, 9],
    ])('gives the same logits on ONNX Runtime for %i images, %i rows larger', async (count, more) => {
      const x = tf.randomNormal<tf.Rank.R4>([count, size + more, size, channels], 0, 1, 'float32', 4);
      const expected = network.forward(x);
      const onnx = await prepare(network, { engine: 'onnxruntime', runtime: onnxRuntime });
      const logits = await onnx.infer(x);
      expect(logits.shape).toEqual(expected.shape);
      expect(difference(logits, expected)).toBeLessThan(1e-4);
      tf.dispose([x, expected, logits]);
      onnx.dispose();
    });

    it('gives them with normalizations as they are, too', async () => {
      const x = tf.randomNormal<tf.Rank.R4>([2, size, size, channels], 0, 1, 'float32', 4);
      const file = await exportOnnx({ network }, { fold: false });
      const session = await onnxRuntime.InferenceSession.create(file);
      const values = tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]).dataSync() as Float32Array);
      const images = new onnxRuntime.Tensor('float32', values, [2, channels, size, size]);
      const { logits } = await session.run({ images });
      const found = tf.tensor2d(logits!.data as Float32Array, logits!.dims as [number, number]);
      const expected = network.forward(x);
      expect(difference(found, expected)).toBeLessThan(1e-4);
      tf.dispose([x, found, expected]);
      await session.release();
    });
  });

  it.each([true, false])('writes the weights of one moment, folded: %s', async (fold) => {
    const before = tf.memory().numTensors;
    const network = create('resnet14-cifar', { shortcut: 'C', seed: 2 });
    const expected = await exportOnnx({ network }, { fold });
    const file = exportOnnx({ network }, { fold });
    network.dispose();
    expect(Buffer.compare(await file, expected)).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what to do where ONNX Runtime fails', async () => {
    const network = create('resnet20', { initialize: false });
    const runtime = { ...onnxRuntime, InferenceSession: { create: () => Promise.reject(new Error('no')) } };
    await expect(prepare(network, { engine: 'onnxruntime', runtime })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
    await expect(prepare(network, { engine: 'other' as 'tfjs' })).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
    });
    network.dispose();
  });
});

function difference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]!);
}
