import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { integers, shard } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions, weightsOption } from '../shared/options/shared-options.js';
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

Several weights are an ensemble, whose scores are averaged. Classes are matched by name, never by index: folders
of ImageNet's WordNet ids or names fit every network of its 1000 classes. --batch-size changes the speed, not the result.`;

const mergeExamples = `
Examples:
  $ resnet eval merge part0.json part1.json
  $ resnet eval merge parts/*.json --out whole.json

Counts and losses add up exactly, whatever the parts. Files of different weights, data or views are refused.`;

export function addEvalCommand(program: Command, context: Context): void {
  const command = program
    .command('eval')
    .description('Test weights on the test images of a data set: top-1 and top-5 error, loss, calibration.');
  addOptions(
    command,
    weightsOption('<file...>', '; several: an ensemble (required)'),
    'opening',
    'data',
    'limit',
    new Option(
      '--class-names <file>',
      "the network's classes, a name on each line, if the weights don't name them",
    ),
    new Option(
      '--view <name>',
      'whole, center-crop, 10-crop or multi-scale (default: as usual for the data)',
    ),
    parsed(
      '--scales <a,b>',
      'shorter sides of --view multi-scale (default: 224,256,384,480,640, as in the paper)',
      integers,
    ),
    new Option('--average <what>', 'softmax or logits: what is averaged over views and networks').default(
      'softmax',
    ),
    new Option('--in-turn', 'networks of an ensemble one after another, with one at a time in memory'),
    new Option('--only-classes-of-set', 'leave out the scores of classes that the data set does not have'),
    new Option('--real-labels <file>', "JSON with a list of labels for each image: ImageNet's real.json"),
    parsed('--shard <i/n>', 'only the part i of n, from 0/n on', shard),
    'skipBroken',
    new Option('--out <file>', 'write the counts as JSON; if interrupted, those so far'),
    new Option('--resume', 'resume from the counts in the file of --out'),
    new Option(
      '--report <folder>',
      'write a page with tables, confusions, the worst mistakes and calibration',
    ),
    'batch',
    'workers',
    'engine',
    'backend',
    'force',
    'json',
  )
    .addHelpText('after', examples)
    .action(async (options: EvalOptions) => {
      requireOptions(command, 'weights', 'dataset');
      const { evaluateWeights } = await import('./eval.js');
      await evaluateWeights(options, context);
    });
  const merge = command
    .command('merge')
    .description('Add up evaluations of parts of a data set.')
    .argument('<file...>', 'files that resnet eval --out has written')
    .option('--out <file>', 'write the sum as such a file');
  addOptions(merge, 'force', 'json')
    .addHelpText('after', mergeExamples)
    .action(async (files: string[]) => {
      const { mergeFiles } = await import('./merge.js');
      // Commander gives options that eval has too to eval.
      await mergeFiles(files, merge.optsWithGlobals<MergeOptions>(), context);
    });
}
