import { useOneBackend, valuesOf } from '@resnet/testing/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { create, features, type NetworkOptions, runLayers } from '../index.js';
import { layersOf } from '../networks/layers.js';

useOneBackend();

/** A network whose running statistics are not those of the start, in training mode, and images. */
function prepared(name: string, options: NetworkOptions, size: number) {
  const network = create(name, { ...options, classes: 3, seed: 1 });
  const x = tf.randomNormal<tf.Rank.R4>([3, size, size, 3], 0, 1, 'float32', 7);
  network.forward(x).dispose();
  return { network, x };
}

/** The largest difference, as a share of the largest value. */
async function apart(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  const [difference] = await valuesOf(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))));
  return difference!;
}

describe('runLayers', () => {
  it.each<[string, NetworkOptions, number]>([
    ['resnet20', { shortcut: 'A' }, 32],
    ['resnet20', { shortcut: 'B' }, 32],
    ['resnet20', { shortcut: 'C' }, 32],
    ['plain20', {}, 32],
    ['resnet18', {}, 64],
    ['resnet50', {}, 64],
    ['resnet50', { strideOn: '3x3', stem: 'small', outputStride: 4 }, 32],
    ['highway19', {}, 32],
  ])('gives the logits of infer, for %s %j', async (name, options, size) => {
    const { network, x } = prepared(name, options, size);
    const before = tf.memory().numTensors;
    const expected = await network.infer(x);
    const held = tf.memory().numTensors;
    const visited: string[] = [];
    let most = 0;
    const logits = await runLayers(network, x, (layer, output) => {
      expect(output.shape).toEqual([3, ...layer.outputShape]);
      visited.push(layer.name);
      most = Math.max(most, tf.memory().numTensors - held);
    });
    expect(await apart(logits, expected)).toBeLessThan(1e-5);
    expect(visited).toEqual(layersOf(network).map((layer) => layer.name));
    expect(most).toBeLessThanOrEqual(4);
    expect(network.training).toBe(true);
    tf.dispose([logits, expected]);
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    network.dispose();
  });

  it('shows what the parts of a network give', async () => {
    const { network, x } = prepared('resnet20', {}, 32);
    network.setTraining(false);
    const parts = features(network, x, ['stem', 'layer1', 'layer2', 'layer3', 'pool']);
    const names = ['relu', 'layer1.2.relu', 'layer2.2.relu', 'layer3.2.relu', 'avgpool'];
    const compared: string[] = [];
    const logits = await runLayers(network, x, async ({ name }, output) => {
      const index = names.indexOf(name);
      if (index < 0) return;
      expect(await apart(output, Object.values(parts)[index]!)).toBeLessThan(1e-5);
      compared.push(name);
    });
    expect(compared).toEqual(names);
    tf.dispose([x, logits, parts]);
    network.dispose();
  });

  it('shows convolutions before their ReLU, where a module has both', async () => {
    const { network, x } = prepared('highway19', {}, 32);
    const smallest = new Map<string, number>();
    const logits = await runLayers(network, x, async ({ name }, output) => {
      const values = (await output.data()) as Float32Array;
      smallest.set(
        name,
        values.reduce((a, b) => Math.min(a, b)),
      );
    });
    expect(smallest.get('conv')).toBeLessThan(0);
    expect(smallest.get('conv.relu')).toBe(0);
    tf.dispose([x, logits]);
    network.dispose();
  });

  it('leaves nothing behind where a visit fails', async () => {
    const { network, x } = prepared('resnet20', {}, 32);
    const before = tf.memory().numTensors;
    const failed = runLayers(network, x, ({ name }) => {
      if (name === 'layer2.0.conv2') throw new Error('enough');
    });
    await expect(failed).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    network.dispose();
  });
});
