import { useBackend } from '@resnet/backend';
import type { Dataset } from '@resnet/data';
import { readDigits } from '@resnet/data/node';
import { checkRecipe, recipe } from '@resnet/train';
import { create } from '@resnet/zoo';
import { describe, expect, it } from 'vitest';
import { dataSet } from '../data-sets/data-sets.js';
import { partsThatFit, usualRecipe } from './usual-recipe.js';

const folder = (count: number) => ({ name: 'photos', count }) as Dataset;
const usual = (count: number, hasWeights: boolean) => {
  const found = usualRecipe(dataSet('folder'), folder(count), hasWeights);
  checkRecipe(found);
  return found;
};

describe('the recipe of a folder of images', () => {
  it('is a low rate for trained weights, and for few images', () => {
    expect(usual(3200, true)).toMatchObject({
      name: 'finetune',
      batchSize: 32,
      learningRate: 0.01,
      iterations: 20 * 100,
      warmup: { kind: 'linear', iterations: 100 },
    });
    expect(usual(3200, false)).toMatchObject({
      name: 'from-scratch',
      batchSize: 32,
      learningRate: 0.0125,
      iterations: 40 * 100,
      schedule: { kind: 'cosine' },
    });
    // Not over before it has begun.
    expect(usual(8, true).iterations).toBe(200);
    expect(usual(8, false).iterations).toBe(500);
  });

  it('is that of ImageNet for as many, in parts of 32 images', () => {
    expect(usual(256_000, false)).toMatchObject({
      name: 'imagenet-torchvision',
      batchSize: 256,
      accumulation: 8,
      learningRate: 0.1,
      iterations: 90 * 1000,
      schedule: { kind: 'steps', milestones: [30_000, 60_000], factor: 0.1 },
    });
    expect(usual(256_000, true).name).toBe('finetune');
  });

  it('is that of the set for images in memory', async () => {
    const { train } = await readDigits();
    for (const hasWeights of [true, false]) {
      expect(usualRecipe(dataSet('digits'), train, hasWeights)).toEqual(recipe('digits'));
    }
  });
});

describe('the parts of a batch', () => {
  it.each([
    ['resnet20', 128, 1],
    ['resnet110', 128, 1],
    ['resnet18', 32, 1],
    // 16 images take 3.3 GB of the heap, 24 don't fit.
    ['resnet50', 32, 2],
    ['resnet152', 32, 8],
  ])('of %s, %i images, are %i', async (name, batchSize, parts) => {
    const backend = await useBackend('cpu');
    const network = create(name, { initialize: false });
    expect(partsThatFit(network, batchSize)).toBe(parts);
    network.dispose();
    backend.dispose();
  });
});
