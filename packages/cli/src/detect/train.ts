import { join } from 'node:path';
import { defined, formatCount, formatPercent, ResnetError } from '@resnet/core';
import { type DetectionDataset, IMAGENET_NORMALIZATION, type Normalization } from '@resnet/data';
import { openDetectionDataset } from '@resnet/data/node';
import {
  type DetectionRecipe,
  namedDetector,
  type PreparedDetector,
  prepareDetector,
} from '@resnet/detection';
import { loadDetector, trainDetector } from '@resnet/detection/node';
import type { TestResult } from '@resnet/train';
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
import { chosenRecipe, type DetectionRecipeOptions } from './chosen-recipe.js';
import { describeRepaired } from './describe-repaired.js';
import { startFrom } from './start-weights.js';

export interface DetectTrainOptions extends BackendChoice, DetectionRecipeOptions {
  data: string;
  trainPart?: string;
  testPart: string;
  weights?: string;
  /** The detector that proposes regions. */
  proposals?: string;
  size?: number;
  anchors?: string;
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
  const recipe = await chosenRecipe(options);
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
    let proposer: PreparedDetector | undefined;
    try {
      const start =
        options.weights === undefined
          ? undefined
          : await startFrom(detector, options.weights, train.classes, io);
      const normalization = start?.normalization ?? IMAGENET_NORMALIZATION;
      proposer = options.proposals ? await openProposer(options.proposals, normalization) : undefined;
      const score = recipe.examples.learns === 'proposals' ? 'recall' : 'mAP';
      printRows(logged, [
        ['detector', `${name}, ${formatCount(detector.parameterCount())} parameters`],
        ['weights', start ? start.description : 'random'],
        ['learns', learning(recipe, options.proposals)],
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
      const log = startTrainingLog(logged, recipe.iterations, score);
      const result = await whileShown(log, io, () =>
        trainDetector({
          ...{ folder, detector, train, test, recipe, normalization, resume },
          device: backend.device,
          ...defined({ testEvery, checkpointEvery, proposer, signal: io.signal }),
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
        ...resultRows(result.test, score),
        ['time', formatDuration(result.seconds)],
        ['written', result.files],
      ]);
    } finally {
      detector.dispose();
      proposer?.dispose();
    }
  });
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

/** Which network learns, where it is not both; undefined leaves the row out. */
function learning({ examples: { learns }, frozenThrough }: DetectionRecipe, proposals?: string) {
  const frozen = frozenThrough === null ? '' : `; ${frozenThrough} and all before it stay as they are`;
  if (learns === 'both') return frozen === '' ? undefined : `all${frozen}`;
  if (learns === 'proposals') return `the region proposal network alone${frozen}`;
  return `the region heads alone, from regions that ${proposals ?? 'its own network'} proposes${frozen}`;
}

/** @throws OPTION_INVALID if it takes other pixels than the detector */
async function openProposer(file: string, normalization: Normalization): Promise<PreparedDetector> {
  const { detector, normalization: own } = await loadDetector(file);
  try {
    const numbers = ({ mean, std }: Normalization) => String([mean, std]);
    if (numbers(own) === numbers(normalization)) return prepareDetector(detector);
    throw new ResnetError(
      'OPTION_INVALID',
      `--proposals ${file} has another mean and deviation of pixels than the detector. Start both from weights of the same network.`,
    );
  } finally {
    detector.dispose();
  }
}

function resultRows({ error, measures }: TestResult, score: 'mAP' | 'recall'): [string, string][] {
  if (score === 'recall') {
    return [
      ['recall', `${formatPercent(1 - error)} of the objects have a proposal that overlaps them by 0.5`],
      ['average', `${formatPercent(measures?.averageRecall ?? 0)} over overlaps from 0.5 to 0.95`],
    ];
  }
  return [
    ['mAP', `${formatPercent(1 - error)} (VOC 2010, overlap 0.5)`],
    ['COCO AP', formatPercent(measures?.cocoAp ?? 0)],
  ];
}
