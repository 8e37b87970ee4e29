import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { anyInteger, integer } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions } from '../shared/options/shared-options.js';
import type { ShardOptions } from './shard.js';
import type { ShowOptions } from './show.js';
import type { StatsOptions } from './stats.js';

const examples = `
Examples:
  $ resnet data stats cifar-10-binary.tar.gz --json
  $ resnet data show imagenet --transform imagenet
  $ resnet data shard imagenet --out imagenet-shards

Sources are folders of images for each class, ImageNet's folder, Parquet files of the Hugging Face hub, tar shards
(also the URL of their index.json), and CIFAR's folder or archive; digits are the handwritten digits that come with this program.
stats and show also take sets with objects: folders in the layout of PASCAL VOC or COCO, and digit-scenes, digits scattered on
canvases. The kind of a source is found out by looking, or is that of --dataset.`;

const statsExamples = `
Examples:
  $ resnet data stats photos/train
  $ resnet data stats imagenet --part val
  $ resnet data stats cifar-10-binary.tar.gz --part test --json
  $ resnet data stats train-00000-of-00001.parquet --label coarse_label
  $ resnet data stats VOCdevkit/VOC2007 --part trainval`;

const showExamples = `
Examples:
  $ resnet data show photos/train
  $ resnet data show cifar-10-binary.tar.gz --transform cifar --count 4
  $ resnet data show imagenet --part train --transform imagenet --seed 1 --out augmented.png
  $ resnet data show coco --part val2017 --count 6

Of sets with objects it draws the boxes, with the names of their classes.`;

const shardExamples = `
Examples:
  $ resnet data shard imagenet --part train --out imagenet-shards/train
  $ resnet data shard photos/train --out shards --images-per-shard 200

Images come in random order; files are copied unchanged. The same command resumes an interrupted one. The
folder then holds .tar files in WebDataset's form and index.json, which all commands read that read data sets, from
there or over HTTP: put the shards of training and test images into folders train and val of one folder.`;

const source = ['<source>', 'a folder, an archive, a Parquet file, a URL, or digits'] as const;

const sourceOptions = [
  'kind' as const,
  new Option(
    '--part <name>',
    'train (default), test (CIFAR, digits), val (ImageNet), a folder or a part of Parquet files or shards of this name, or a list of images of PASCAL VOC',
  ),
  new Option('--label <column>', 'of Parquet files: the column of the labels (default: label or fine_label)'),
];

export function addDataCommand(program: Command, context: Context): void {
  const data = program
    .command('data')
    .description('Look at data sets and at what augmentation makes of them; pack them into shards.')
    .addHelpText('after', examples);
  addStats(data, context);
  addShow(data, context);
  addShard(data, context);
}

function addStats(data: Command, context: Context): void {
  const command = data
    .command('stats')
    .argument(...source)
    .description(
      'Decode all images and count: classes, sizes, mean and deviation of the channels, broken files.',
    );
  addOptions(command, ...sourceOptions, 'json')
    .addHelpText('after', statsExamples)
    .action(async (source: string, options: StatsOptions) => {
      const { dataStats } = await import('./stats.js');
      await dataStats(source, options, context);
    });
}

function addShow(data: Command, context: Context): void {
  const command = data
    .command('show')
    .argument(...source)
    .description(
      'Draw a sheet of images drawn at random: each in a row with versions that a transform makes of it.',
    );
  addOptions(
    command,
    ...sourceOptions,
    new Option('--transform <name>', 'cifar, imagenet, torchvision or none: the images as they are').default(
      'none',
    ),
    parsed('--seed <number>', 'decides the images and their versions', anyInteger).default(0),
    parsed('--count <number>', 'images, at most 100', integer(1)).default(8),
    new Option('--out <file>', 'the sheet, a PNG').default('sheet.png'),
    'force',
    'json',
  )
    .addHelpText('after', showExamples)
    .action(async (source: string, options: ShowOptions) => {
      const { dataShow } = await import('./show.js');
      await dataShow(source, options, context);
    });
}

function addShard(data: Command, context: Context): void {
  const command = data
    .command('shard')
    .argument(...source)
    .description(
      'Write a data set as tar shards, which are read sequentially: for sets that are larger than memory.',
    );
  addOptions(
    command,
    ...sourceOptions,
    new Option('--out <folder>', 'where the shards go (required)'),
    parsed('--images-per-shard <number>', 'at least 1', integer(1)).default(1000),
    parsed('--seed <number>', 'decides the order', anyInteger).default(0),
    'json',
  )
    .addHelpText('after', shardExamples)
    .action(async (source: string, options: ShardOptions) => {
      requireOptions(command, 'out');
      const { dataShard } = await import('./shard.js');
      await dataShard(source, options, context);
    });
}
