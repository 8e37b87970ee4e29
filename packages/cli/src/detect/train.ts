import { join } from 'node:path';
import { defined, formatCount, formatPercent, ResnetError } from '@resnet/core';
import { type DetectionDataset, IMAGENET_NORMALIZATION } from '@resnet/data';
import { openDetectionDataset } from '@resnet/data/node';
import { type DetectionRecipe, detectionRecipe, loadTrunk, namedDetector } from '@resnet/detection';
import { trainDetector } from '@resnet/detection/node';
import { withIterations } from '@resnet/train';
import type { Context } from '../context.js';
import { backendRows } from '../shared/backend/backend-rows.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { BrokenImages } from '../shared/data-sets/broken-images.js';
import { startTrainingLog } from '../shared/progress/training-log.js';
import { whileShown } from '../shared/progress/while-shown.js';
import { describeSchedule } from '../shared/recipes/describe-schedule.js';
import { formatDuration } from '../shared/terminal/format.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { namingResume, resumeCommand } from '../shared/terminal/resume-command.js';
import { openWeights } from '../shared/weights/open-weights.js';
import { describeRepaired } from './describe-repaired.js';

export interface DetectTrainOptions extends BackendChoice {
  data: string;
  trainPart?: string;
  testPart: string;
  recipe: string;
  weights?: string;
  iterations?: number;
  batchSize?: number;
  learningRate?: number;
  size?: number;
  anchors?: string;
  flips?: DetectionRecipe['flips'];
  seed?: number;
  out: string;
  name?: string;
  resume?: boolean;
  testEvery?: number;
  checkpointEvery?: number;
  skipBroken?: boolean;
  json?: boolean;
}

/** Trains a detector into a folder. */
export async function detectTrain(
  name: string,
  options: DetectTrainOptions,
  context: Context,
): Promise<void> {
  const { io } = context;
  context.whenStopped = 'wait';
  const { data, trainPart, testPart, resume = false, testEvery, checkpointEvery, json } = options;
  const recipe = chosenRecipe(options);
  const train = await openDetectionDataset(data, defined({ part: trainPart }));
  const test = await openDetectionDataset(data, { part: testPart });
  const folder = join(options.out, options.name ?? name);
  const logged = json ? io.stderr : io.stdout;
  const broken = new BrokenImages(io.stderr);
  await withBackend(options, io.stderr, async (backend) => {
    const detector = namedDetector(name, {
      classes: train.classes.length,
      seed: recipe.seed,
      ...sizeOptions(options),
      ...anchorOptions(options),
    });
    try {
      let normalization = IMAGENET_NORMALIZATION;
      let start = 'random';
      if (options.weights !== undefined) {
        const { model } = await openWeights(options.weights, {}, io);
        const taken = loadTrunk(detector, await model.network.stateDict());
        normalization = model.normalization ?? normalization;
        start = `${formatCount(taken)} tensors of ${options.weights}, the others random`;
        model.network.dispose();
      }
      printRows(logged, [
        ['detector', `${name}, ${formatCount(detector.parameterCount())} parameters`],
        ['weights', start],
        ...setRows(train, test),
        [
          'recipe',
          `${recipe.name}: ${formatCount(recipe.iterations)} iterations of ${recipe.batchSize} images`,
        ],
        ['', `learning rate ${recipe.learningRate}${describeSchedule(recipe)}`],
        ['', `weight decay ${recipe.weightDecay}, flips ${recipe.flips}, seed ${recipe.seed}`],
        ...backendRows(backend),
        ['folder', `${folder}${resume ? ', resumed if it holds a checkpoint' : ''}`],
      ]);
      logged.write('\n');
      const log = startTrainingLog(logged, recipe.iterations);
      const result = await whileShown(log, io, () =>
        trainDetector({
          ...{ folder, detector, train, test, recipe, normalization, resume },
          device: backend.device,
          ...defined({ testEvery, checkpointEvery, signal: io.signal }),
          ...(options.skipBroken && { onBroken: broken.report }),
          onProgress: log.progress,
          onRecord: log.record,
        }),
      ).catch((error) => {
        throw namingResume(error, 'A checkpoint is saved.', resumeCommand(context));
      });
      if (json) {
        printJson(io.stdout, { ...result, settings: detector.settings, recipe, device: backend.device });
        return;
      }
      io.stdout.write('\n');
      printRows(io.stdout, [
        ['mAP', `${formatPercent(1 - result.test.error)} (VOC 2010, overlap 0.5)`],
        ['COCO AP', formatPercent(result.test.measures?.cocoAp ?? 0)],
        ['time', formatDuration(result.seconds)],
        ['written', result.files],
      ]);
    } finally {
      detector.dispose();
    }
  });
}

function chosenRecipe(options: DetectTrainOptions): DetectionRecipe {
  const { batchSize, learningRate, flips, seed, iterations } = options;
  const recipe = detectionRecipe(options.recipe, defined({ batchSize, learningRate, flips, seed }));
  return iterations === undefined ? recipe : withIterations(recipe, iterations);
}

/** The longer side may have twice the pixels of the shorter one, as in the kind 'small'. */
function sizeOptions({ size }: DetectTrainOptions) {
  return size === undefined ? {} : { shorterSide: size, longestSide: 2 * size };
}

function anchorOptions({ anchors }: DetectTrainOptions) {
  if (anchors === undefined) return {};
  const sizes = anchors.split(',').map(Number);
  if (!sizes.every((side) => side > 0 && side < 10_000)) {
    const message = `--anchors must be sides in pixels, as 32,64,128, found ${anchors}.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  return { anchors: { sizes: sizes.map((side) => [side]), ratios: [0.5, 1, 2] } };
}

function setRows(train: DetectionDataset, test: DetectionDataset): [string, string | undefined][] {
  const describe = ({ name, count }: DetectionDataset) => `${name}, ${formatCount(count)} images`;
  return [
    ['data', `${describe(train)}; ${describe(test)}`],
    ['classes', train.classes.join(', ')],
    ['boxes', describeRepaired([train, test])],
  ];
}
