import { type Recipe, recipe, withIterations } from '@resnet/train';
import { type Network, summarize } from '@resnet/zoo';
import type { DataSet, Images } from '../data-sets/data-sets.js';

/** Sets of at least so many image files are trained as ImageNet is. */
const LARGE = 100_000;

/** How often a recipe sees each image, and how many steps it takes at least. */
const lengths: Record<string, { epochs: number; least: number }> = {
  finetune: { epochs: 20, least: 200 },
  'from-scratch': { epochs: 40, least: 500 },
  'imagenet-torchvision': { epochs: 90, least: 0 },
};

/** ImageNet's batches of 256 images are split as over torchvision's eight GPUs: a whole batch would not fit into memory. */
const PARTS = 8;

/** The recipe for a set, where none is asked for: that of its name, or, for image files, one by how many there are. */
export function usualRecipe(set: DataSet, train: Images, hasWeights: boolean): Recipe {
  if ('images' in train) return recipe(set.recipe);
  const name = hasWeights ? 'finetune' : train.count < LARGE ? 'from-scratch' : 'imagenet-torchvision';
  const usual = recipe(name, name === 'imagenet-torchvision' ? { accumulation: PARTS } : {});
  const { epochs, least } = lengths[name]!;
  return withIterations(usual, Math.max(least, epochs * Math.ceil(train.count / usual.batchSize)));
}

/** Of the 4 GB that a WASM heap can have at most; the rest is for gaps between tensors. */
const MEMORY = 3.6e9;

/**
 * Into how many parts a batch must be split for a training step to fit into WebAssembly's memory. As measured with ResNet-18
 * and ResNet-50 at 224 × 224, a step takes 1.4 times the activations, and six values for each parameter; velocities and sums
 * of gradients are two more; where activations are computed again, half of them at most are held at once. It is the same on every
 * backend, as batch normalization sees one part at a time.
 */
export function partsThatFit(network: Network, batchSize: number): number {
  const { activationBytes, parameters } = summarize(network);
  const held = (network.recompute ? 0.75 : 1.5) * activationBytes;
  const images = Math.floor((MEMORY - 8 * 4 * parameters) / held);
  return Math.ceil(batchSize / Math.max(1, images));
}
