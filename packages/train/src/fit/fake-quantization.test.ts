import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet, type Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { recipe } from '../recipe/recipe.js';
import { normalization, rangesFor, stripes } from '../test-support.js';
import { fit } from './fit.js';
import type { FitOptions } from './fit-options.js';
import type { Checkpoint } from './training-state.js';

useOneBackend();

const train = stripes(40);
const options = {
  ...{ train, normalization, test: stripes(10), checkpointEvery: 2 },
  recipe: recipe('digits', { iterations: 6, batchSize: 8, learningRate: 0.02, accumulation: 2 }),
};

const newNetwork = (seed = 1) => cifarResNet(8, { classes: 2, inChannels: 1, seed });

/** Trains, and gives the checkpoints. */
async function fitted(network: Network, changes: Partial<FitOptions>): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  await fit(network, {
    ...options,
    ...changes,
    onCheckpoint: (checkpoint) => {
      checkpoints.push(checkpoint);
    },
  });
  return checkpoints;
}

describe('fit with fakeQuantization', () => {
  it('resumes to the same bytes with the ranges of its checkpoint, and leaves no tensors', async () => {
    const network = newNetwork();
    const ranges = await rangesFor(network);
    const before = tf.memory().numTensors;
    const checkpoints = await fitted(network, { fakeQuantization: ranges });
    expect(tf.memory().numTensors).toBe(before);
    expect(network.fakeQuantization).toBeUndefined();
    expect(checkpoints.map((checkpoint) => checkpoint.ranges)).toEqual([ranges, ranges, ranges]);

    const resumed = newNetwork(2);
    const others = new Map([...ranges].map(([name, { scale, zero }]) => [name, { scale: 2 * scale, zero }]));
    const rest = await fitted(resumed, { fakeQuantization: others, resume: checkpoints[0]! });
    expect(rest.at(-1)!.ranges).toEqual(ranges);
    expect(await resumed.stateDict()).toEqual(await network.stateDict());

    // They matter.
    const plain = newNetwork();
    await fitted(plain, {});
    expect(await plain.stateDict()).not.toEqual(await network.stateDict());
    for (const each of [network, resumed, plain]) each.dispose();
  });

  it('trains to the same bytes with recompute', async () => {
    const [kept, recomputed] = [newNetwork(), newNetwork()];
    const fakeQuantization = await rangesFor(kept);
    await fitted(kept, { fakeQuantization });
    await fitted(recomputed, { fakeQuantization, recompute: true });
    expect(await recomputed.stateDict()).toEqual(await kept.stateDict());
    for (const each of [kept, recomputed]) each.dispose();
  });

  it('tests the network as it will be in bytes', async () => {
    const network = newNetwork();
    const ranges = await rangesFor(network);
    const errors: number[] = [];
    // Everything is 0 in such ranges, so that all images are taken for the first class.
    const zeros = new Map([...ranges].map(([name]) => [name, { scale: 1e-30, zero: 0 }]));
    for (const fakeQuantization of [ranges, zeros]) {
      await fit(network, {
        ...options,
        fakeQuantization,
        onRecord: (record) => {
          if (record.kind === 'test') errors.push(record.loss!);
        },
      });
    }
    expect(errors.at(-1)).not.toBe(errors[0]);
    expect(errors.at(-1)).toBeCloseTo(Math.LN2, 1);
    network.dispose();
  });

  it('refuses checkpoints of the other kind and ranges of another network', async () => {
    const network = newNetwork();
    const ranges = await rangesFor(network);
    const [plain] = await fitted(network, {});
    const [quantized] = await fitted(network, { fakeQuantization: ranges });
    const mismatch = { code: 'CHECKPOINT_MISMATCH' };
    await expect(fitted(network, { fakeQuantization: ranges, resume: plain! })).rejects.toMatchObject(
      mismatch,
    );
    await expect(fitted(network, { resume: quantized! })).rejects.toMatchObject(mismatch);
    const before = await network.stateDict();
    const few = new Map([...ranges].slice(0, 4));
    await expect(fitted(network, { fakeQuantization: few })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    expect(await network.stateDict()).toEqual(before);
    network.dispose();
  });
});
