import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { integer, integers, shard } from '../shared/options/parse-values.js';
import {
  addBackendOptions,
  addEngineOption,
  addForceOption,
  addJsonOption,
  addNormalizationOptions,
  addSizeOption,
  addWeightsOptions,
  requireOptions,
  weightsText,
} from '../shared/options/shared-options.js';
import type { EvalOptions } from './eval.js';
import type { MergeOptions } from './merge.js';

const examples = `
Examples:
  $ resnet eval --weights runs/resnet20-digits/model.safetensors --dataset digits
  $ resnet eval --weights resnet20-12fca82f.th --dataset cifar10 --data cifar-10-batches-bin
  $ resnet eval --weights resnet20-12fca82f.th resnet32-d509ac18.th --dataset cifar10 --data cifar --report report
  $ resnet eval --weights resnet50.safetensors --dataset imagenet --data ILSVRC2012 --view 10-crop \\
      --shard 0/4 --out part0.json
  $ resnet eval merge part0.json part1.json part2.json part3.json
  $ resnet eval --weights other.pt --model plain20 --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26 \\
      --dataset cifar10 --data cifar-10-batches-bin --limit 1000 --json

Several weights are an ensemble, whose scores are averaged. Classes are told by their names, never by their places: folders
of ImageNet's WordNet ids or names fit every network of its 1000 classes.`;

const mergeExamples = `
Examples:
  $ resnet eval merge part0.json part1.json
  $ resnet eval merge parts/*.json --out whole.json

Counts and losses add up exactly, whatever the parts. Files of different weights, data or views are refused.`;

export function addEvalCommand(program: Command, context: Context): void {
  const command = program
    .command('eval')
    .description('Test weights on the test images of a data set: top-1 and top-5 error, loss, calibration.')
    .option('--weights <file...>', `${weightsText}; several: an ensemble (required)`)
    .option('--dataset <name>', 'cifar10, cifar100, digits, imagenet, folder, parquet or shards (required)')
    .option(
      '--data <path>',
      "CIFAR's .tar.gz or folder; ImageNet's folder; or one that holds val, or a folder of images for each class",
    )
    .option('--download', 'fetch CIFAR into the folder given by --data, unless it is there')
    .option('--class-names <file>', "the network's classes, a name a line, if the weights don't name them")
    .option('--view <name>', 'whole, center-crop, 10-crop or multi-scale (default: as usual for the data)')
    .addOption(
      new Option(
        '--scales <a,b>',
        'shorter sides of --view multi-scale (default: 224,256,384,480,640, as in the paper)',
      ).argParser(integers),
    )
    .addOption(
      new Option('--average <what>', 'softmax or logits: what is averaged over views and networks').default(
        'softmax',
      ),
    )
    .option('--in-turn', 'networks of an ensemble one after another, with one at a time in memory')
    .option('--only-classes-of-set', 'leave out the scores of classes that the data set does not have')
    .option('--real-labels <file>', "JSON with a list of labels for each image: ImageNet's real.json")
    .addOption(new Option('--limit <count>', 'test on the first images only').argParser(integer(1)))
    .addOption(new Option('--shard <i/n>', 'one of n parts, from 0/n on').argParser(shard))
    .option('--skip-broken', 'leave out images that are broken, and name them, instead of ending')
    .option('--out <file>', 'write the counts as JSON, and what is known of them if it is interrupted')
    .option('--resume', 'go on with what --out has')
    .option('--report <folder>', 'write a page with tables, confusions, the worst mistakes and calibration')
    .addOption(
      new Option('--batch-size <count>', 'images at a time; does not change the result')
        .default(128)
        .argParser(integer(1)),
    )
    .addOption(
      new Option('--workers <count>', 'threads that read images (default: 0)').argParser(integer(0)),
    );
  addForceOption(addWeightsOptions(addSizeOption(command)));
  addJsonOption(addEngineOption(addBackendOptions(addNormalizationOptions(command))))
    .addHelpText('after', examples)
    .action(async (options: EvalOptions) => {
      requireOptions(command, 'weights', 'dataset');
      const { evaluateWeights } = await import('./eval.js');
      await evaluateWeights(options, context);
    });
  const merge = command
    .command('merge')
    .description('Add up evaluations of parts of a data set.')
    .argument('<file...>', 'what resnet eval --out has written')
    .option('--out <file>', 'write the sum as such a file');
  addJsonOption(addForceOption(merge))
    .addHelpText('after', mergeExamples)
    .action(async (files: string[]) => {
      const { mergeFiles } = await import('./merge.js');
      // Options that eval has too are taken for its own.
      await mergeFiles(files, merge.optsWithGlobals<MergeOptions>(), context);
    });
}
