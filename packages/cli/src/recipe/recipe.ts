import { unknownName } from '@resnet/core';
import { detectionRecipes } from '@resnet/detection';
import { recipes } from '@resnet/train';
import type { Context } from '../context.js';
import { printJson, printRows } from '../shared/terminal/print.js';

/** Prints a recipe with every number in it, or the names of all. */
export function printRecipe(name: string | undefined, options: { json?: boolean }, { io }: Context): void {
  const all = { ...recipes, ...detectionRecipes };
  if (name !== undefined) {
    if (!Object.hasOwn(all, name)) throw unknownName('recipe', name, Object.keys(all));
    printJson(io.stdout, all[name]);
    return;
  }
  if (options.json) {
    printJson(io.stdout, all);
    return;
  }
  printRows(
    io.stdout,
    Object.values(all).map((recipe) => {
      const { iterations, batchSize, learningRate, schedule } = recipe;
      const changes = 'flips' in recipe ? `detectors, flips ${recipe.flips}` : recipe.augmentation;
      const rate = `learning rate ${learningRate} (${schedule.kind})`;
      return [recipe.name, `${iterations} iterations of ${batchSize} images, ${rate}, ${changes}`] as const;
    }),
  );
}
