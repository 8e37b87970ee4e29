import { recipe, recipes } from '@resnet/train';
import type { Context } from '../context.js';
import { printJson, printRows } from '../shared/terminal/print.js';

/** Prints a recipe with every number in it, or the names of all. */
export function printRecipe(name: string | undefined, options: { json?: boolean }, { io }: Context): void {
  if (name !== undefined) {
    printJson(io.stdout, recipe(name));
    return;
  }
  if (options.json) {
    printJson(io.stdout, recipes);
    return;
  }
  printRows(
    io.stdout,
    Object.values(recipes).map(
      ({ name, iterations, batchSize, learningRate, schedule, augmentation }) =>
        [
          name,
          `${iterations} iterations of ${batchSize} images, learning rate ${learningRate} (${schedule.kind}), ${augmentation}`,
        ] as const,
    ),
  );
}
