import { defined } from '@resnet/core';
import {
  checkDetectionRecipe,
  type DetectionRecipe,
  detectionRecipe,
  detectionRecipes,
} from '@resnet/detection';
import { withIterations } from '@resnet/train';
import { assign } from '../shared/recipes/assign.js';
import { readRecipe } from '../shared/recipes/read-recipe.js';

/** The options of `resnet detect train` that change a recipe. */
export interface DetectionRecipeOptions {
  recipe: string;
  iterations?: number;
  batchSize?: number;
  learningRate?: number;
  flips?: DetectionRecipe['flips'];
  freeze?: string;
  learn?: DetectionRecipe['examples']['learns'];
  seed?: number;
  set?: string[];
}

/** The recipe that --recipe names, or that of the file that it names, with what the options replace. */
export async function chosenRecipe(options: DetectionRecipeOptions): Promise<DetectionRecipe> {
  const { recipe: name, iterations, learn, freeze: frozenThrough } = options;
  const { batchSize, learningRate, flips, seed } = options;
  const base = name.endsWith('.json')
    ? await readRecipe(name, { like: detectionRecipes['voc-paper']!, check: checkDetectionRecipe })
    : detectionRecipe(name);
  const recipe: DetectionRecipe = {
    ...(iterations === undefined ? base : withIterations(base, iterations)),
    ...defined({ batchSize, learningRate, flips, seed, frozenThrough }),
    ...(learn && { examples: { ...base.examples, learns: learn } }),
  };
  for (const assignment of options.set ?? []) assign(recipe, assignment);
  checkDetectionRecipe(recipe);
  return recipe;
}
