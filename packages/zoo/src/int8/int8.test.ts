import { type Backend, useBackend } from '@resnet/backend';
import { BatchNorm, Conv2d, type Linear, type Module, Relu } from '@resnet/blocks';
import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuse } from '../inference/fused-network.js';
import { Network } from '../networks/network.js';
import { create, type NetworkOptions } from '../networks/registry.js';
import { readWeights } from '../weights/format.js';
import { writeSafetensors } from '../weights/safetensors.js';
import { openInt8, packInt8 } from './file.js';
import { quantize } from './quantize.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

/** A network whose running statistics are not those of the start, and images. */
function prepared(name: string, options: NetworkOptions, size: number) {
  const network = create(name, { classes: 10, seed: 1, ...options });
  const x = tf.randomNormal<tf.Rank.R4>([8, size, size, 3], 0, 1, 'float32', 7);
  for (let pass = 0; pass < 20; pass++) network.forward(x).dispose();
  network.setTraining(false);
  return { network, x };
}

/** The root of the mean square of the difference, relative to that of the expected values. */
async function apart(found: tf.Tensor, expected: tf.Tensor): Promise<number> {
  const ratio = tf.tidy(() =>
    tf.sqrt(tf.div(tf.mean(tf.square(tf.sub(found, expected))), tf.mean(tf.square(expected)))),
  );
  const [value] = await ratio.data();
  ratio.dispose();
  return value!;
}

const networks: [string, NetworkOptions, number, number][] = [
  ['resnet20', { shortcut: 'A' }, 32, 0.05],
  ['resnet20', { shortcut: 'B' }, 32, 0.05],
  ['plain20', {}, 32, 0.1],
  ['resnet18', { imageSize: 32 }, 32, 0.1],
  // Random weights amplify what rounding does, by a tenth from layer to layer.
  ['resnet50', { imageSize: 32 }, 32, 0.6],
  ['highway19', {}, 32, 0.2],
];

/** A convolution that sees the whole image, and a ReLU that its logits have passed. */
class EndsInRelu extends Network {
  readonly conv = new Conv2d({ inChannels: 3, outChannels: 10, size: 8, padding: 0, random: new Random(2) });
  readonly bn = new BatchNorm(10);
  readonly relu = new Relu();
  declare readonly fc: Linear;

  constructor() {
    super({ name: 'ends-in-relu', classes: 10, inChannels: 3 }, 8);
  }

  override parts(): Map<string, readonly Module[]> {
    return new Map([['body', [this.conv, this.bn, this.relu]]]);
  }
}

describe('quantize', () => {
  it('keeps a ReLU at the end', async () => {
    const network = new EndsInRelu();
    const x = tf.randomNormal<tf.Rank.R4>([8, 8, 8, 3], 0, 1, 'float32', 7);
    network.setTraining(false);
    const fused = fuse(network);
    const expected = tf.reshape(await fused.infer(x), [8, 10]);
    const { network: quantized } = await quantize(network, { calibration: x });
    const logits = await quantized.infer(x);
    expect(tf.min(logits).dataSync()[0]).toBe(0);
    expect(await apart(logits, expected)).toBeLessThan(0.02);
  });

  it.each(networks)('gives the logits of %s %j but for rounding', async (name, options, size, most) => {
    const { network, x } = prepared(name, options, size);
    const before = tf.memory().numTensors;
    const fused = fuse(network);
    const expected = await fused.infer(x);
    fused.dispose();
    const { network: quantized, method, errors } = await quantize(network, { calibration: x });
    const logits = await quantized.infer(x);
    expect(quantized.floatSteps.length > 0).toBe(name === 'highway19');
    expect(await apart(logits, expected)).toBeLessThan(most);
    expect(errors[method]).toBe(Math.min(...Object.values(errors)));
    tf.dispose([logits, expected]);
    quantized.dispose();
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    network.dispose();
  });

  it('is a file of a quarter of the size, which opens to the same bits', async () => {
    const { network, x } = prepared('resnet18', { imageSize: 32 }, 32);
    const { network: quantized } = await quantize(network, { calibration: x, method: 'max' });
    const { tensors, metadata } = packInt8({
      network: quantized,
      classNames: Array.from({ length: 10 }, String),
    });
    const file = writeSafetensors(tensors, metadata);
    const whole = writeSafetensors(await network.stateDict());
    expect(file.length).toBeLessThan(0.27 * whole.length);
    const opened = await openInt8(readWeights(file));
    expect(opened.classNames).toHaveLength(10);
    const [first, second] = [await quantized.infer(x), await opened.network.infer(x)];
    expect([...(await second.data())]).toEqual([...(await first.data())]);
    tf.dispose([first, second, x]);
    for (const each of [network, quantized, opened.network]) each.dispose();
  });

  it('refuses a file whose numbers contradict each other', async () => {
    const { network, x } = prepared('resnet18', { imageSize: 32 }, 32);
    const { network: quantized } = await quantize(network, { calibration: x, method: 'max' });
    const opened = (change: (file: ReturnType<typeof packInt8>) => void) => {
      const file = packInt8({ network: quantized });
      change(file);
      return openInt8(readWeights(writeSafetensors(file.tensors, file.metadata)));
    };
    const tooLarge = opened(({ tensors }) => {
      const { shape, data } = tensors.get('conv1.bias')!;
      tensors.set('conv1.bias', { shape, data: Float32Array.from(data).fill(1e30) });
    });
    await expect(tooLarge).rejects.toMatchObject({
      code: 'WEIGHTS_MISMATCH',
      message: expect.stringContaining('bias of'),
    });
    const moved = opened(({ metadata }) => {
      const { ranges } = JSON.parse(metadata['resnet.int8']!);
      metadata['resnet.int8'] = JSON.stringify({ ranges: { ...ranges, maxpool: [1, 7] } });
    });
    await expect(moved).rejects.toMatchObject({
      code: 'WEIGHTS_MISMATCH',
      message: expect.stringContaining('moves bytes'),
    });
    x.dispose();
    for (const each of [network, quantized]) each.dispose();
  });

  it('computes at each position of a larger image what it does for the part there', async () => {
    const { network, x } = prepared('resnet20', {}, 32);
    const { network: quantized } = await quantize(network, { calibration: x, method: 'max' });
    const map = await quantized.inferMap(x);
    const logits = await quantized.infer(x);
    expect(map.shape).toEqual([8, 1, 1, 10]);
    expect([...(await map.data())]).toEqual([...(await logits.data())]);
    const larger = tf.pad(x, [
      [0, 0],
      [0, 8],
      [0, 8],
      [0, 0],
    ]) as tf.Tensor4D;
    const positions = await quantized.inferMap(larger);
    expect(positions.shape).toEqual([8, 3, 3, 10]);
    tf.dispose([map, logits, positions, larger, x]);
    quantized.dispose();
    network.dispose();
  });
});
