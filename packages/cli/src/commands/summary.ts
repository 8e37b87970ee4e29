import { type Command, Option } from 'commander';
import type { SummaryOptions } from '../actions/summary.js';
import type { Context } from '../context.js';
import { integer } from '../parse.js';
import { addJsonOption } from './shared-options.js';

const examples = `
Examples:
  $ resnet summary resnet20
  $ resnet summary resnet56 --shortcut B --classes 100
  $ resnet summary plain32 --in-channels 1 --json`;

export function addSummaryCommand(program: Command, context: Context): void {
  const command = program
    .command('summary')
    .description('Show a network layer by layer: output sizes, parameters, multiply-adds.')
    .argument('<name>', 'resnet or plain, and a depth of 20, 32, 44, 56, 110 or 1202')
    .addOption(new Option('--classes <count>', 'classes (default: 10)').argParser(integer(1)))
    .addOption(
      new Option('--in-channels <count>', 'channels of the images (default: 3)').argParser(integer(1)),
    )
    .option('--shortcut <option>', 'A, B or C (default: A)');
  addJsonOption(command)
    .addHelpText('after', examples)
    .action(async (name: string, options: SummaryOptions) => {
      const { summary } = await import('../actions/summary.js');
      await summary(name, options, context);
    });
}
