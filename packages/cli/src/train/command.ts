import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { belowOne, integer, notNegative } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions, weightsOption } from '../shared/options/shared-options.js';
import type { TrainOptions } from './train.js';

const examples = `
Examples:
  $ resnet train --dataset digits
  $ resnet train resnet56 --dataset cifar10 --data cifar --download
  $ resnet train plain20 --dataset digits --iterations 100 --milestones 60,90 --name short --resume
  $ resnet train resnet50 --dataset folder --data photos --weights resnet50.safetensors --epochs 5
  $ resnet train --dataset cifar10 --data cifar --weights resnet20-12fca82f.th --quantize-aware --epochs 1 --learning-rate 0.005

Numbers that are not given are the recipe's. Ctrl-C stops after the step that is running and saves a checkpoint;
with --resume the run continues from it, and ends with exactly the same weights.`;

export function addTrainCommand(program: Command, context: Context): void {
  const command = program
    .command('train')
    .description('Train a network and write its weights, metrics, curves and a report into a folder.')
    .argument(
      '[network]',
      'for CIFAR resnet or plain, and a depth of 20, 32, 44, 56, 110 or 1202 (of 6n + 2, as resnet14-cifar); for larger images resnet18 to resnet152',
      'resnet20',
    );
  addOptions(
    command,
    'data',
    new Option(
      '--recipe <name>',
      'one of `resnet recipe`, or a .json file of that form (default: as suits the data set and --weights)',
    ),
    new Option(
      '--set <key=value...>',
      'any number of the recipe: labelSmoothing=0.1, rule=nesterov, schedule.factor=0.2',
    ),
    parsed(
      '--hold-out <count>',
      'test on so many of the training images instead, to choose settings (the paper: 5000)',
      integer(1),
    ),
    new Option(
      '--tensorboard [what]',
      "also write TensorBoard's event files: of scalars, or with histograms of the weights",
    )
      .choices(['scalars', 'histograms'])
      .preset('scalars'),
    weightsOption('<file>', '; training starts from it, with a new classifier where the classes are others'),
    'key',
    'skipBroken',
    'workers',
    new Option('--out <folder>', 'where runs are kept').default('runs'),
    new Option('--name <name>', "the run's folder in there (default: <network>-<dataset>)"),
    new Option('--resume', 'resume the run from its last checkpoint'),
    'schedule',
    'seed',
    parsed('--weight-decay <factor>', 'L2 penalty', notNegative),
    parsed('--momentum <factor>', 'momentum of SGD', belowOne),
    new Option('--shortcut <option>', 'A, B or C (default: A)'),
    parsed('--test-every <count>', 'steps between tests (default: an epoch)', integer(1)),
    parsed('--checkpoint-every <count>', 'steps between checkpoints (default: as between tests)', integer(1)),
    new Option(
      '--recompute',
      'keep few activations for the backward pass and compute the others again there: the same weights with far less memory, in about four thirds of the time',
    ),
    new Option(
      '--quantize-aware',
      'fine-tune --weights for 8 bits: training and tests round what `resnet quantize` makes bytes; the quantized network is written too',
    ),
    'size',
    'backend',
    'json',
  )
    .addHelpText('after', examples)
    .action(async (network: string, options: TrainOptions) => {
      requireOptions(command, 'dataset');
      const { train } = await import('./train.js');
      await train(network, options, context);
    });
}
