import { type Backend, useBackend } from '@resnet/backend';
import { create } from '@resnet/zoo';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recipe } from '../recipe/recipe.js';
import { normalization, stripes } from '../test-support.js';
import { fit } from './fit.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

it('trains to the same bytes with recompute, and leaves the network as it was', async () => {
  const trained = async (recompute: boolean) => {
    const network = create('resnet20', { classes: 2, inChannels: 1, seed: 1 });
    const train = stripes(16);
    await fit(network, {
      train,
      recipe: recipe('digits', { iterations: 3, batchSize: 8, accumulation: 2 }),
      normalization,
      recompute,
    });
    expect(network.recompute).toBe(false);
    const state = await network.stateDict();
    network.dispose();
    return state;
  };
  expect(await trained(true)).toEqual(await trained(false));
});
