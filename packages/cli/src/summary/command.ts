import type { Command } from 'commander';
import type { Context } from '../context.js';
import { integer } from '../shared/options/parse-values.js';
import { addOptions, parsed } from '../shared/options/shared-options.js';
import type { SummaryOptions } from './summary.js';

const examples = `
Examples:
  $ resnet summary resnet20
  $ resnet summary resnet56 --shortcut B --classes 100
  $ resnet summary resnet50 --stride-on 3x3
  $ resnet summary resnet18 --stem small --output-stride 4
  $ resnet summary resnet34 --mermaid > resnet34.mmd
  $ resnet summary plain32 --in-channels 1 --json`;

export function addSummaryCommand(program: Command, context: Context): void {
  const command = program
    .command('summary')
    .description('Show a network layer by layer: output sizes, parameters, multiply-adds.')
    .argument(
      '<name>',
      'such as resnet20, plain110, resnet14-cifar (CIFAR), resnet50, plain34, vgg16 (ImageNet), highway19',
    )
    .addOption(parsed('--classes <count>', 'classes (default: 10 or 1000)', integer(1)))
    .addOption(parsed('--in-channels <count>', 'channels of the images (default: 3)', integer(1)))
    .option('--shortcut <option>', "A, B or C (default: the paper's)")
    .option('--stride-on <convolution>', 'of bottlenecks: 1x1 (default, the paper) or 3x3 (torchvision)')
    .option('--stem <stem>', 'imagenet (default) or small, for images of about 32×32 pixels')
    .addOption(
      parsed('--output-stride <count>', 'how much smaller the last maps are: 32, 16 or 8', integer(1)),
    )
    .option('--mermaid', 'print the network as a flowchart in Mermaid, which GitHub and many editors draw');
  addOptions(command, 'json')
    .addHelpText('after', examples)
    .action(async (name: string, options: SummaryOptions) => {
      const { summary } = await import('./summary.js');
      await summary(name, options, context);
    });
}
