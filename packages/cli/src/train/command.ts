import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { belowOne, integer, notNegative } from '../shared/options/parse-values.js';
import {
  addBackendOptions,
  addJsonOption,
  addScheduleOptions,
  addSeedOption,
  addSizeOption,
  keyOption,
  requireOptions,
  weightsText,
} from '../shared/options/shared-options.js';
import type { TrainOptions } from './train.js';

const examples = `
Examples:
  $ resnet train --dataset digits
  $ resnet train resnet56 --dataset cifar10 --data cifar --download
  $ resnet train plain20 --dataset digits --iterations 100 --milestones 60,90 --name short --resume
  $ resnet train resnet50 --dataset folder --data photos --weights resnet50.safetensors --epochs 5

Numbers that are not given are the recipe's. Ctrl-C stops after the step that is running and saves a checkpoint;
--resume goes on from it to the very same weights.`;

export function addTrainCommand(program: Command, context: Context): void {
  const command = program
    .command('train')
    .description('Train a network and write its weights, metrics, curves and a report into a folder.')
    .argument(
      '[network]',
      'for CIFAR resnet or plain, and a depth of 20, 32, 44, 56, 110 or 1202 (of 6n + 2, as resnet14-cifar); for larger images resnet18 to resnet152',
      'resnet20',
    )
    .option('--dataset <name>', 'cifar10, cifar100, digits, imagenet, folder, parquet or shards (required)')
    .option(
      '--data <path>',
      "CIFAR's .tar.gz or folder; ImageNet's folder; a folder of Parquet files, or of tar shards (also the address of their index.json); or one with train and val, which hold a folder of images for each class (with --hold-out, without train and val)",
    )
    .option('--download', 'fetch CIFAR into the folder given by --data, unless it is there')
    .option(
      '--recipe <name>',
      'one of `resnet recipe`, or a .json file of that form (default: as suits the data set and --weights)',
    )
    .option(
      '--set <key=value...>',
      'any number of the recipe: labelSmoothing=0.1, rule=nesterov, schedule.factor=0.2',
    )
    .addOption(
      new Option(
        '--hold-out <count>',
        'test with so many of the training images instead, as while choosing (the paper: 5000)',
      ).argParser(integer(1)),
    )
    .addOption(
      new Option(
        '--tensorboard [what]',
        'also write its event files: of scalars, or with histograms of the weights',
      )
        .choices(['scalars', 'histograms'])
        .preset('scalars'),
    )
    .option('--weights <file>', `begin with ${weightsText}; a classifier of other classes is made anew`)
    .addOption(keyOption())
    .option('--skip-broken', 'leave out images that are broken, and name them, instead of ending')
    .addOption(
      new Option('--workers <count>', 'threads that make batches (default: 0)').argParser(integer(0)),
    )
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--name <name>', "the run's own folder in there (default: <network>-<dataset>)")
    .option('--resume', 'go on from the last checkpoint of the run');
  addSeedOption(
    addScheduleOptions(command, "steps; the schedule of the recipe's learning rate goes with it"),
  );
  command
    .addOption(new Option('--weight-decay <factor>', 'L2 penalty').argParser(notNegative))
    .addOption(new Option('--momentum <factor>', 'momentum of SGD').argParser(belowOne))
    .option('--shortcut <option>', 'A, B or C (default: A)')
    .addOption(
      new Option('--test-every <count>', 'steps between tests (default: an epoch)').argParser(integer(1)),
    )
    .addOption(
      new Option(
        '--checkpoint-every <count>',
        'steps between checkpoints (default: as between tests)',
      ).argParser(integer(1)),
    );
  addJsonOption(addBackendOptions(addSizeOption(command)))
    .addHelpText('after', examples)
    .action(async (network: string, options: TrainOptions) => {
      requireOptions(command, 'dataset');
      const { train } = await import('./train.js');
      await train(network, options, context);
    });
}
