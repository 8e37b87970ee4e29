import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { addOptions, weightsOption } from '../shared/options/shared-options.js';
import type { PaperOptions } from './paper.js';

const examples = `
Examples:
  $ resnet paper
  $ resnet paper --table 6 --weights resnet20-12fca82f.th --cifar10 cifar-10-batches-bin
  $ resnet paper --table 3 4 --weights resnet50.pth resnet101.pth --imagenet imagenet --json

Sizes are counted from the networks, and errors by testing the weights given as the paper tests: on
CIFAR-10 a single view, on ImageNet 10 crops (Tables 2 and 3) or several scales (Tables 4 and 5). Weights
are tested for each row of their architecture. Weights of plain networks look like those of residual ones
unless their file names the network: 'resnet convert plain34.pth plain34.safetensors --model plain34'.
Tables 7 to 14, of detection and localization, have the paper's numbers, and the commands that would
train and test for them.`;

export function addPaperCommand(program: Command, context: Context): void {
  const command = program
    .command('paper')
    .description('Print Tables 1 to 14 of the paper, 1 to 6 beside what is computed here.');
  addOptions(
    command,
    new Option('--table <number...>', 'one or more of 1 to 14 (default: all)'),
    weightsOption('<file...>', '; each is tested'),
    'key',
    new Option('--cifar10 <path>', 'binary or Python version: the .tar.gz, or the folder with its files'),
    new Option('--imagenet <path>', 'the folder that holds val: ILSVRC2012, 50,000 images'),
    'limit',
    'backend',
    'json',
  )
    .addHelpText('after', examples)
    .action(async (options: PaperOptions) => {
      const { paper } = await import('./paper.js');
      await paper(options, context);
    });
}
