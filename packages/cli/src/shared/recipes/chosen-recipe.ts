import { defined, ResnetError } from '@resnet/core';
import { checkRecipe, type Recipe, recipe, recipes, upgradeRecipe, withIterations } from '@resnet/train';
import { assign } from './assign.js';
import { readRecipe } from './read-recipe.js';

/** The options that change a recipe: some for one number each, and `set` for any. */
export interface RecipeOptions {
  recipe?: string;
  iterations?: number;
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  milestones?: number[];
  seed?: number;
  weightDecay?: number;
  momentum?: number;
  set?: string[];
}

/** The recipe that --recipe names, or that of the file that it names; undefined without --recipe. */
export async function namedRecipe({ recipe: name }: RecipeOptions): Promise<Recipe | undefined> {
  if (name === undefined) return undefined;
  if (!name.endsWith('.json')) return recipe(name);
  return readRecipe(name, { like: recipes.digits!, upgrade: upgradeRecipe, check: checkRecipe });
}

/**
 * A recipe with the numbers that the options replace. Its schedule is stretched to the number of steps.
 *
 * @param count of training images, for --epochs
 */
export function changedRecipe(base: Recipe, options: RecipeOptions, count: number): Recipe {
  const { epochs, batchSize, learningRate, milestones, seed, weightDecay, momentum } = options;
  if (epochs !== undefined && options.iterations !== undefined) {
    throw new ResnetError('OPTION_INVALID', '--epochs and --iterations say the same: give one of them.');
  }
  const ofEpochs = epochs && Math.ceil(epochs * Math.ceil(count / (batchSize ?? base.batchSize)));
  const iterations = options.iterations ?? ofEpochs ?? base.iterations;
  const changed: Recipe = {
    ...(iterations === base.iterations ? base : withIterations(base, iterations)),
    ...defined({ batchSize, learningRate, seed, weightDecay, momentum }),
    ...(milestones ? { schedule: { kind: 'steps', milestones, factor: 0.1 } } : {}),
  };
  for (const assignment of options.set ?? []) assign(changed, assignment);
  checkRecipe(changed);
  return changed;
}
