import type { Command } from 'commander';
import type { Context } from '../context.js';
import { addOptions } from '../shared/options/shared-options.js';

const examples = `
Examples:
  $ resnet recipe
  $ resnet recipe cifar10-paper
  $ resnet recipe cifar10-fast > mine.json && resnet train --dataset cifar10 --data data --recipe mine.json`;

export function addRecipeCommand(program: Command, context: Context): void {
  const command = program
    .command('recipe')
    .description('Print a recipe with every number in it, as JSON, or the list of all.')
    .argument('[name]', 'cifar10-paper, imagenet-paper, …');
  addOptions(command, 'json')
    .addHelpText('after', examples)
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      const { printRecipe } = await import('./recipe.js');
      printRecipe(name, options, context);
    });
}
