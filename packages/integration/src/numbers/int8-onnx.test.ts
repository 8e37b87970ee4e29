import { type Backend, useBackend } from '@resnet/backend';
import { create, exportInt8Onnx, type NetworkOptions, quantize } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import * as onnxRuntime from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('exportInt8Onnx', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend('wasm', { threads: 1 });
  });
  afterAll(() => backend.dispose());

  it.each<[string, NetworkOptions, most: number]>([
    ['resnet20', { shortcut: 'A' }, 0.01],
    ['resnet20', { shortcut: 'C' }, 0.01],
    ['plain20', {}, 0.01],
    ['resnet18', { imageSize: 32 }, 0.02],
    // Random weights amplify what is rounded once more, by a tenth from layer to layer.
    ['resnet50', { imageSize: 32 }, 0.3],
  ])('gives nearly the logits of %s %j on ONNX Runtime', async (name, options, most) => {
    const network = create(name, { classes: 10, seed: 1, ...options });
    const x = tf.randomNormal<tf.Rank.R4>([8, 32, 32, 3], 0, 1, 'float32', 7);
    for (let pass = 0; pass < 20; pass++) network.forward(x).dispose();
    network.setTraining(false);
    const { network: quantized } = await quantize(network, { calibration: x, method: 'max' });
    const session = await onnxRuntime.InferenceSession.create(await exportInt8Onnx({ network: quantized }));
    const values = tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]).dataSync() as Float32Array);
    const images = new onnxRuntime.Tensor('float32', values, [8, 3, 32, 32]);
    const found = (await session.run({ images })).logits!.data as Float32Array;
    const [ours, float] = [await quantized.infer(x), await network.infer(x)];
    const [expected, exact] = [await ours.data(), await float.data()];
    expect(apart(found, expected)).toBeLessThan(most);
    // What is lost to float32 is no more than it is there.
    expect(apart(expected, exact)).toBeLessThan(1.1 * apart(found, exact));
    tf.dispose([x, ours, float]);
    quantized.dispose();
    network.dispose();
    await session.release();
  });
});

/** The root of the mean square of the difference, relative to that of the expected values. */
function apart(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (found[index]! - expected[index]!) ** 2;
    size += expected[index]! ** 2;
  }
  return Math.sqrt(difference / size);
}
