import { join } from 'node:path';
import type { Backend } from '@resnet/backend';
import type { ShortcutOption } from '@resnet/blocks';
import { defined, formatCount, ResnetError } from '@resnet/core';
import { channelStatistics, type Normalization, splitImages } from '@resnet/data';
import { matchTestClasses, type Recipe } from '@resnet/train';
import { hasCheckpoint, trainRun } from '@resnet/train/node';
import {
  checkNetworkName,
  checkNormalization,
  classNamesOf,
  create,
  type Model,
  type Network,
} from '@resnet/zoo';
import type { Context } from '../context.js';
import { backendRows } from '../shared/backend/backend-rows.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { BrokenImages, namingSkipBroken } from '../shared/data-sets/broken-images.js';
import { type DataOptions, pathOfData } from '../shared/data-sets/chosen-data.js';
import { type DataSet, dataSet, type Images } from '../shared/data-sets/data-sets.js';
import { leftOutOf, leftOutRow } from '../shared/data-sets/left-out-files.js';
import { startTrainingLog } from '../shared/progress/training-log.js';
import { whileShown } from '../shared/progress/while-shown.js';
import { changedRecipe, namedRecipe, type RecipeOptions } from '../shared/recipes/chosen-recipe.js';
import { describeSchedule, missedDrops } from '../shared/recipes/describe-schedule.js';
import { partsThatFit, usualRecipe } from '../shared/recipes/usual-recipe.js';
import { formatDuration, formatErrors } from '../shared/terminal/format.js';
import type { Io, Output } from '../shared/terminal/io.js';
import { printJson, printLine, printRows } from '../shared/terminal/print.js';
import { namingResume, resumeCommand } from '../shared/terminal/resume-command.js';
import { describeNetwork } from '../shared/weights/describe-network.js';
import { openWeights, type WeightsOptions } from '../shared/weights/open-weights.js';
import { type CalibratedRanges, calibratedRanges } from './calibrated-ranges.js';
import { describeTestClasses } from './describe-test-classes.js';

export interface TrainOptions
  extends BackendChoice,
    DataOptions,
    Pick<WeightsOptions, 'key' | 'size'>,
    RecipeOptions {
  out: string;
  name?: string;
  resume?: boolean;
  weights?: string;
  workers?: number;
  holdOut?: number;
  skipBroken?: boolean;
  tensorboard?: 'scalars' | 'histograms';
  shortcut?: string;
  testEvery?: number;
  checkpointEvery?: number;
  recompute?: boolean;
  quantizeAware?: boolean;
  json?: boolean;
}

/** Trains a network into a folder. */
export async function train(name: string, options: TrainOptions, context: Context): Promise<void> {
  const { io } = context;
  context.whenStopped = 'wait';
  const { dataset, weights, resume = false, testEvery, checkpointEvery, json } = options;
  checkNetworkName(name);
  if (options.quantizeAware && weights === undefined) {
    const message = '--quantize-aware fine-tunes a trained network: give its weights by --weights.';
    throw new ResnetError('OPTION_INVALID', message);
  }
  const chosenSet = dataSet(dataset);
  const named = await namedRecipe(options);
  const folder = join(options.out, options.name ?? `${name}-${dataset}`);
  const data = await pathOfData(chosenSet, options, io);
  const sets = await readSets(chosenSet, data, options.holdOut);
  const { train, test } = sets;
  const { mapped, absent } = matchTestClasses(train, test);
  const broken = new BrokenImages(io.stderr);
  const base = named ?? usualRecipe(chosenSet, train, weights !== undefined);
  const { seed, batchSize } = changedRecipe(base, options, train.count);
  const logged = json ? io.stderr : io.stdout;

  await withBackend(options, io.stderr, async (backend) => {
    const model = weights
      ? await trainedModel(weights, name, train, seed, options, io)
      : newModel(name, train, seed, options);
    const { network, head, notes } = model;
    network.recompute = options.recompute ?? false;
    try {
      const accumulation =
        named?.accumulation ?? Math.max(base.accumulation, partsThatFit(network, batchSize));
      const recipe = changedRecipe({ ...base, accumulation }, options, train.count);
      const normalization = model.normalization ?? usualNormalization(chosenSet, train, network);
      checkNormalization(network, normalization);
      const calibrated = options.quantizeAware
        ? await calibratedRanges(model, train, normalization, logged, io)
        : undefined;
      printPlan(logged, { network, head, calibrated, train, test, recipe, backend, folder, resume });
      const log = startTrainingLog(logged, recipe.iterations);
      const result = await whileShown(log, io, () =>
        trainRun({
          ...{ folder, network, train, test, recipe, normalization, resume },
          device: backend.device,
          ...defined({
            preprocessing: 'images' in train ? undefined : model.preprocessing,
            fakeQuantization: calibrated?.ranges,
            testEvery,
            checkpointEvery,
            workers: options.workers,
            tensorboard: options.tensorboard,
            signal: io.signal,
            onBroken: options.skipBroken ? broken.report : undefined,
          }),
          onProgress: log.progress,
          onRecord: log.record,
        }),
      ).catch(async (error) => {
        throw withAdvice(error, context, await hasCheckpoint(join(folder, 'checkpoints')));
      });
      if (json) {
        const { architecture } = network;
        const parameters = network.parameterCount();
        printJson(io.stdout, {
          ...result,
          leftOut: { train: leftOutOf(sets.train), test: leftOutOf(sets.test), broken: broken.list },
          ...defined({ head, notes }),
          ...(calibrated ? { calibration: { method: calibrated.method, images: calibrated.images } } : {}),
          testClasses: { mapped, absent },
          architecture,
          parameters,
          recipe,
          device: backend.device,
        });
        return;
      }
      io.stdout.write('\n');
      printRows(io.stdout, [
        ['test error', formatErrors(result.testErrors, result.testCount)],
        [
          'left out',
          broken.list.length > 0 ? `${formatCount(broken.list.length)} broken, named above` : undefined,
        ],
        ['time', formatDuration(result.seconds)],
        ['written', result.files],
      ]);
    } finally {
      network.dispose();
    }
  });
}

/**
 * Training and test images. With `holdOut` so many of the training images are the test set, as in the paper's 45k/5k split
 * (Section 4.2), so that settings are not chosen by the test images. The split is the same for every seed.
 */
async function readSets(
  set: DataSet,
  data: string | undefined,
  holdOut: number | undefined,
): Promise<{ train: Images; test: Images }> {
  const train = await set.readTrain(data, holdOut !== undefined);
  if (holdOut === undefined) return { train, test: await set.readTest(data) };
  const split = splitImages(train, holdOut, 0);
  return { train: split.train, test: split.heldOut };
}

/** What is trained, and how images become its inputs, where the weights say. */
interface Trained extends Pick<Model, 'network' | 'normalization' | 'preprocessing'> {
  /** What was taken off, left out and guessed of trained weights. */
  notes?: readonly string[];
  /** Whether the classifier of a trained network was kept, for people. */
  head?: string;
}

/** A network for a set; it takes images of the size that those in memory have, or that --size says. */
function newModel(name: string, train: Images, seed: number, { size, shortcut }: TrainOptions): Trained {
  const inMemory = 'images' in train ? train : undefined;
  const network = create(name, {
    classes: train.classes.length,
    inChannels: inMemory?.channels ?? 3,
    seed,
    // create refuses unknown shortcuts.
    ...defined({ imageSize: size ?? inMemory?.height, shortcut: shortcut as ShortcutOption | undefined }),
  });
  return { network };
}

/** A trained network to start from. It gets a new classifier where the classes are others. */
async function trainedModel(
  weights: string,
  name: string,
  train: Images,
  seed: number,
  { size, key }: TrainOptions,
  io: Io,
): Promise<Trained> {
  const { model } = await openWeights(weights, { model: name, ...defined({ key, size }) }, io);
  const { network, origin } = model;
  const { notes } = origin;
  if (!model.normalization) {
    printLine(
      io.stderr,
      `note: ${weights} don't tell how images are normalized: they are normalized as is usual for the training set.`,
    );
  }
  const { classes } = network.architecture;
  const names = classNamesOf(model);
  const isUnnamed = names.length === 0 && classes === train.classes.length;
  if (isUnnamed || String(names) === String(train.classes)) {
    const reason = isUnnamed ? 'as many as in the data; the weights name none' : 'the same as in the data';
    return {
      ...model,
      notes,
      head: `the classifier is kept: its ${formatCount(classes)} classes are ${reason}`,
    };
  }
  network.replaceHead(train.classes.length, { seed });
  const others = `the weights' ${formatCount(classes)} are not those of the data`;
  return { ...model, notes, head: `the classifier is new: ${others}` };
}

/** As is usual for the set; but for images that are scaled to another size a mean for each pixel becomes one for each channel. */
function usualNormalization(set: DataSet, train: Images, network: Network): Normalization {
  const usual = set.normalization(train);
  const isScaled = 'images' in train && train.height !== network.inputShape[0];
  if (!isScaled || usual.mean.length === usual.std.length) return usual;
  return { ...usual, mean: Float32Array.from(channelStatistics(train).mean) };
}

/** Prints what is going to be trained, on what and how, before the first step takes any time. */
function printPlan(
  stream: Output,
  plan: {
    network: Network;
    /** Whether the classifier of the weights given was kept. */
    head: string | undefined;
    /** What activations are rounded by, where they are. */
    calibrated: CalibratedRanges | undefined;
    train: Images;
    test: Images;
    recipe: Recipe;
    backend: Backend;
    folder: string;
    resume: boolean;
  },
): void {
  const { network, head, calibrated, train, test, recipe, backend, folder, resume } = plan;
  const { iterations, batchSize, learningRate, momentum, rule, weightDecay, augmentation, seed } = recipe;
  const parts = recipe.accumulation === 1 ? '' : ` in ${recipe.accumulation} parts`;
  const epochs = iterations / Math.ceil(train.count / batchSize);
  const classText = describeTestClasses(matchTestClasses(train, test));
  printRows(stream, [
    ['network', describeNetwork(network)],
    ['', head],
    [
      '',
      calibrated &&
        `trained for 8 bits, with ranges by ${calibrated.method} of ${formatCount(calibrated.images)} training images`,
    ],
    [
      'data',
      `${train.name}, ${formatCount(train.count)} images; ${test.name}, ${formatCount(test.count)} images`,
    ],
    ['classes', classText],
    // Parts that were split off have the same list as the whole.
    leftOutRow(leftOutOf(train) === leftOutOf(test) ? [train] : [train, test]),
    [
      'recipe',
      `${recipe.name}: ${formatCount(iterations)} iterations of ${batchSize} images${parts}, ${epochs.toFixed(1)} epochs`,
    ],
    ['', `learning rate ${learningRate}${describeSchedule(recipe)}`],
    ['', missedDrops(recipe)],
    [
      '',
      `momentum ${momentum}${rule === 'pytorch' ? '' : ` (${rule})`}, weight decay ${weightDecay}, augmentation ${augmentation}, seed ${seed}`,
    ],
    ...backendRows(backend),
    ['folder', `${folder}${resume ? ', resumed if it holds a checkpoint' : ''}`],
  ]);
  stream.write('\n');
}

/** The error of a training, with what to do about it. */
function withAdvice(error: unknown, context: Context, isSaved: boolean): unknown {
  const advised = namingResume(error, 'A checkpoint is saved.', resumeCommand(context));
  if (advised !== error || context.argv.includes('--skip-broken')) return advised;
  const command = resumeCommand(context, '--skip-broken');
  const resuming = isSaved ? `: a checkpoint is saved. Resume with: ${command}` : '.';
  return namingSkipBroken(error, `Leave such images out with --skip-broken${resuming}`);
}
