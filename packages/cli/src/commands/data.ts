import { type Command, Option } from 'commander';
import type { ShowOptions } from '../actions/data-show.js';
import type { StatsOptions } from '../actions/data-stats.js';
import type { Context } from '../context.js';
import { anyInteger, integer } from '../parse.js';
import { addJsonOption } from './shared-options.js';

const examples = `
Examples:
  $ resnet data stats cifar-10-binary.tar.gz --json
  $ resnet data show imagenet --transform imagenet

Sources are folders of images for each class, ImageNet's folder, Parquet files of the Hugging Face hub, and CIFAR's
folder or archive. What a source is, is told by looking; --dataset says otherwise.`;

const statsExamples = `
Examples:
  $ resnet data stats photos/train
  $ resnet data stats imagenet --part val
  $ resnet data stats cifar-10-binary.tar.gz --part test --json
  $ resnet data stats train-00000-of-00001.parquet --label coarse_label`;

const showExamples = `
Examples:
  $ resnet data show photos/train
  $ resnet data show cifar-10-binary.tar.gz --transform cifar --count 4
  $ resnet data show imagenet --part train --transform imagenet --seed 1 --out augmented.png`;

export function addDataCommand(program: Command, context: Context): void {
  const data = program
    .command('data')
    .description('Look at data sets: what they hold, and what augmentation makes of it.')
    .addHelpText('after', examples);
  addStats(data, context);
  addShow(data, context);
}

function addStats(data: Command, context: Context): void {
  const command = data
    .command('stats')
    .description(
      'Decode all images and count: classes, sizes, mean and deviation of the channels, broken files.',
    );
  addJsonOption(addSource(command))
    .addHelpText('after', statsExamples)
    .action(async (source: string, options: StatsOptions) => {
      const { dataStats } = await import('../actions/data-stats.js');
      await dataStats(source, options, context);
    });
}

function addShow(data: Command, context: Context): void {
  const command = data
    .command('show')
    .description(
      'Draw a sheet of images drawn at random: each in a row with versions that a transform makes of it.',
    );
  addSource(command)
    .addOption(
      new Option(
        '--transform <name>',
        'cifar, imagenet, torchvision or none: the images as they are',
      ).default('none'),
    )
    .addOption(
      new Option('--seed <number>', 'decides the images and their versions').default(0).argParser(anyInteger),
    )
    .addOption(new Option('--count <number>', 'images, at most 100').default(8).argParser(integer(1)))
    .option('--out <file>', 'the sheet, a PNG', 'sheet.png');
  addJsonOption(command)
    .addHelpText('after', showExamples)
    .action(async (source: string, options: ShowOptions) => {
      const { dataShow } = await import('../actions/data-show.js');
      await dataShow(source, options, context);
    });
}

function addSource(command: Command): Command {
  return command
    .argument('<source>', 'a folder, an archive, or a Parquet file')
    .option(
      '--dataset <kind>',
      'what it is, if it is not to be told: cifar10, cifar100, folder, imagenet or parquet',
    )
    .option(
      '--part <name>',
      'train (default), test (CIFAR), val (ImageNet), or a folder or Parquet part of this name',
    )
    .option('--label <column>', 'of Parquet files: the column of the labels (default: label or fine_label)');
}
