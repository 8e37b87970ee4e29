import { useOneBackend } from '@resnet/testing/backends';
import { create } from '@resnet/zoo';
import { expect, it } from 'vitest';
import { recipe } from '../recipe/recipe.js';
import { normalization, stripes } from '../test-support.js';
import { fit } from './fit.js';

useOneBackend();

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
