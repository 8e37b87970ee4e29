import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { belowOne, integer, positive } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions, weightsOption } from '../shared/options/shared-options.js';
import type { DetectEvalOptions } from './eval.js';
import type { DetectPredictOptions } from './predict.js';
import type { DetectTrainOptions } from './train.js';

const examples = `
Examples:
  $ resnet detect train resnet18-small --data digit-scenes --size 128 --anchors 24,40,56 --flips none
  $ resnet detect eval --weights runs/resnet18-small/best.safetensors --data VOCdevkit/VOC2007
  $ resnet detect predict dog.jpg --weights runs/resnet18-small/best.safetensors --out found.png

Objects are found by Faster R-CNN, as in Section 4.3 of the paper.`;

const trainExamples = `
Examples:
  $ resnet detect train resnet18-small --data digit-scenes --size 128 --anchors 24,40,56 --flips none --iterations 1000
  $ resnet detect train resnet18-small --data VOCdevkit/VOC2007 --train-part trainval
  $ resnet detect train resnet101-c4 --data VOCdevkit/VOC2007 --train-part trainval --recipe voc-paper --weights resnet101.pth

A detector is called by a network of the zoo and a kind: resnet101-c4 (the paper's: one map, and the last stage on
each region), resnet50-fpn and resnet50-fpn-v2 (torchvision's), resnet18-small and resnet20-small (for few images on
a CPU). The data is a folder in the layout of PASCAL VOC or COCO, or digit-scenes. Both networks learn together, as
everyone does it today; the paper trains them one after the other: --learn proposals, then --learn regions
--proposals, then both again with --freeze backbone. Ctrl-C saves a checkpoint; with --resume the run continues from
it, and ends with exactly the same weights.`;

const evalExamples = `
Examples:
  $ resnet detect eval --weights runs/resnet18-small/best.safetensors --data VOCdevkit/VOC2007 --part test --report detections
  $ resnet detect eval --weights fasterrcnn_resnet50_fpn.pth --data coco --part val2017 --json`;

const predictExamples = `
Examples:
  $ resnet detect predict dog.jpg --weights fasterrcnn_resnet50_fpn.pth --out found.png
  $ resnet detect predict photos --weights runs/resnet18-small/best.safetensors --score 0.3 --json`;

export function addDetectCommand(program: Command, context: Context): void {
  const detect = program
    .command('detect')
    .description('Find objects in images: train a detector, test it, draw what it finds.')
    .addHelpText('after', examples);
  addTrain(detect, context);
  addEval(detect, context);
  addPredict(detect, context);
}

function addTrain(detect: Command, context: Context): void {
  const command = detect
    .command('train')
    .argument('[detector]', 'a network and a kind: c4, fpn, fpn-v2 or small', 'resnet18-small')
    .description('Train a detector and write its weights, metrics, curves and a report into a folder.');
  addOptions(
    command,
    new Option('--data <path>', 'a folder in the layout of PASCAL VOC or COCO, or digit-scenes (required)'),
    new Option('--train-part <name>', "the list or part to train on (default: the set's for training)"),
    new Option('--test-part <name>', 'the list or part to test on').default('test'),
    new Option('--recipe <name>', 'detection-small, voc-paper or coco-paper, or a JSON file').default(
      'detection-small',
    ),
    weightsOption('<file>', ' to start from, of a classification network, for the trunk, or of a detector'),
    new Option(
      '--learn <network>',
      'both networks together, the region proposal network alone, or the regions alone (default: both)',
    ).choices(['both', 'proposals', 'regions']),
    new Option(
      '--proposals <file>',
      'with --learn regions, the detector that proposes them (default: itself)',
    ),
    new Option('--freeze <stage>', 'what is not trained: stem, layer1, … or backbone, all that is shared'),
    parsed('--iterations <count>', 'steps; the schedule is stretched to them', integer(1)),
    parsed('--batch-size <count>', 'images of a step', integer(1)),
    parsed('--learning-rate <rate>', 'the highest, which the schedule multiplies', positive),
    parsed(
      '--size <pixels>',
      "shorter side of the images that the detector sees (default: the kind's)",
      integer(32),
    ),
    new Option('--anchors <a,b,c>', 'sides of the anchors in pixels of what it sees, one for each level'),
    new Option(
      '--flips <which>',
      "how training images are mirrored: none, as digits must be, horizontal or both (default: the recipe's)",
    ).choices(['none', 'horizontal', 'both']),
    new Option('--set <key=value...>', 'any number of the recipe: weightDecay=0, examples.regions.count=64'),
    'seed',
    new Option('--out <folder>', 'where runs are kept').default('runs'),
    new Option('--name <name>', "the run's folder in there (default: the detector's name)"),
    new Option('--resume', 'resume the run from its last checkpoint'),
    parsed('--test-every <count>', 'steps between tests (default: an epoch)', integer(1)),
    parsed('--checkpoint-every <count>', 'steps between checkpoints (default: as between tests)', integer(1)),
    'skipBroken',
    'backend',
    'json',
  )
    .addHelpText('after', trainExamples)
    .action(async (name: string, options: DetectTrainOptions) => {
      requireOptions(command, 'data');
      const { detectTrain } = await import('./train.js');
      await detectTrain(name, options, context);
    });
}

function addEval(detect: Command, context: Context): void {
  const command = detect
    .command('eval')
    .description("Test a detector: VOC's two average precisions, COCO's twelve numbers, for each class.");
  addOptions(
    command,
    new Option(
      '--weights <file...>',
      "of a detector: a run's, or torchvision's fasterrcnn_resnet50_fpn; several are an ensemble (required)",
    ),
    new Option('--data <path>', 'a folder in the layout of PASCAL VOC or COCO, or digit-scenes (required)'),
    new Option('--part <name>', 'the list or part to test on').default('test'),
    new Option(
      '--scales <a,b,c>',
      "judge regions at two of these shorter sides, as the paper's 200,400,600,800,1000",
    ),
    new Option(
      '--refine',
      'judge boxes a second time where they have moved to, and let them vote, as the paper does',
    ),
    new Option(
      '--report <folder>',
      'write a page with curves of precision and recall, and the worst mistakes',
    ),
    'skipBroken',
    'backend',
    'force',
    'json',
  )
    .addHelpText('after', evalExamples)
    .action(async (options: DetectEvalOptions) => {
      requireOptions(command, 'weights', 'data');
      const { detectEval } = await import('./eval.js');
      await detectEval(options, context);
    });
}

function addPredict(detect: Command, context: Context): void {
  const command = detect
    .command('predict')
    .argument('<image...>', 'image files (JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG), or folders of them')
    .description('Find the objects in images, and draw them.');
  addOptions(
    command,
    new Option(
      '--weights <file>',
      "of a detector: a run's, or torchvision's fasterrcnn_resnet50_fpn (required)",
    ),
    parsed('--score <share>', 'the lowest probability of an object that is shown', belowOne).default(0.5),
    new Option('--out <file>', 'a PNG with the boxes drawn'),
    'backend',
    'force',
    'json',
  )
    .addHelpText('after', predictExamples)
    .action(async (images: string[], options: DetectPredictOptions) => {
      requireOptions(command, 'weights');
      const { detectPredict } = await import('./predict.js');
      await detectPredict(images, options, context);
    });
}
