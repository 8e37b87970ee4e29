import { checkInteger, ResnetError, unknownName } from '@resnet/core';
import { type CommonRecipe, checkCommonRecipe } from '@resnet/train';
import { type DetectorTraining, trainingSettings } from '../losses/training-settings.js';

/** Everything that decides how a detector is trained, apart from the network and the data: plain data. */
export interface DetectionRecipe extends CommonRecipe {
  /** What it learns from. */
  examples: DetectorTraining;
  /** How training images are mirrored. */
  flips: 'none' | 'horizontal' | 'both';
  /** Whether batch normalization keeps the statistics that it has, and γ and β too (Section 4.3), or is trained. */
  batchNorm: 'fixed' | 'trained';
  /** The last stage of the trunk that is not trained, 'stem' or 'layer1'; 'backbone' for all that is shared; null to train all. */
  frozenThrough: string | null;
  /** How many training images the statistics of batch normalization are computed again from, after the last step; 0 for none. */
  reestimateImages: number;
}

const common = {
  accumulation: 1,
  momentum: 0.9,
  rule: 'pytorch',
  decayed: 'all',
  isDecayDecoupled: false,
  clipNorm: null,
  averaging: null,
  warmup: null,
  reestimateImages: 0,
  seed: 0,
} as const satisfies Partial<DetectionRecipe>;

/**
 * PASCAL VOC as in Section 4.3: the hyper-parameters of Faster R-CNN (Ren et al., Section 3.1.3): 0.001, a tenth of it after 60,000 of 80,000
 * steps, weight decay 0.0005. Both networks are trained together, as the authors' later code does it.
 */
const vocPaper: DetectionRecipe = {
  ...common,
  name: 'voc-paper',
  batchSize: 2,
  iterations: 80_000,
  learningRate: 0.001,
  schedule: { kind: 'steps', milestones: [60_000], factor: 0.1 },
  weightDecay: 5e-4,
  examples: trainingSettings('c4'),
  flips: 'horizontal',
  batchNorm: 'fixed',
  frozenThrough: 'stem',
};

/** COCO as in Section 4.3: 8 images a step, 0.001 for 240,000 steps, then 0.0001 for 80,000. */
const cocoPaper: DetectionRecipe = {
  ...vocPaper,
  name: 'coco-paper',
  batchSize: 8,
  iterations: 320_000,
  schedule: { kind: 'steps', milestones: [240_000], factor: 0.1 },
};

/** For some hundred images and an untrained network, on a CPU: half an hour to an hour. */
const detectionSmall: DetectionRecipe = {
  ...common,
  name: 'detection-small',
  batchSize: 4,
  iterations: 2200,
  learningRate: 0.01,
  schedule: { kind: 'steps', milestones: [1540, 1980], factor: 0.1 },
  warmup: { kind: 'linear', iterations: 200, start: 0.01 },
  weightDecay: 1e-4,
  clipNorm: 10,
  examples: {
    ...trainingSettings('fpn'),
    proposals: { before: 500, after: 500, overlap: 0.7, smallest: 1e-3 },
    regions: { ...trainingSettings('fpn').regions, count: 128 },
  },
  flips: 'both',
  batchNorm: 'trained',
  frozenThrough: null,
  reestimateImages: 200,
};

/** All recipes of detectors by name. */
export const detectionRecipes: Readonly<Record<string, DetectionRecipe>> = {
  'voc-paper': vocPaper,
  'coco-paper': cocoPaper,
  'detection-small': detectionSmall,
};

/**
 * A recipe by name, with some of its numbers replaced.
 *
 * @throws UNKNOWN_NAME for a name that is none; OPTION_INVALID for numbers that make no sense
 */
export function detectionRecipe(
  name: string,
  changes: Partial<Omit<DetectionRecipe, 'name'>> = {},
): DetectionRecipe {
  if (!Object.hasOwn(detectionRecipes, name)) {
    throw unknownName('recipe', name, Object.keys(detectionRecipes));
  }
  const recipe = { ...detectionRecipes[name]!, ...changes };
  checkDetectionRecipe(recipe);
  return recipe;
}

/** @throws OPTION_INVALID naming the first setting that makes no sense */
export function checkDetectionRecipe(recipe: DetectionRecipe): void {
  checkCommonRecipe(recipe);
  const { examples, flips, batchNorm, frozenThrough, reestimateImages } = recipe;
  checkOneOf('flips', flips, ['none', 'horizontal', 'both']);
  checkOneOf('batchNorm', batchNorm, ['fixed', 'trained']);
  if (frozenThrough !== null && typeof frozenThrough !== 'string') {
    throw invalid('frozenThrough must be the name of a stage, or null', frozenThrough);
  }
  checkInteger('reestimateImages', reestimateImages, 0, 2 ** 31);
  for (const key of ['anchors', 'proposals', 'regions'] as const) {
    if (typeof examples?.[key] !== 'object' || examples[key] === null) {
      throw invalid(`examples must have ${key}`, JSON.stringify(examples)?.slice(0, 80));
    }
  }
  checkOneOf('examples.learns', examples.learns, ['both', 'proposals', 'regions']);
  if (!(examples.beta > 0 && examples.beta < 1e3)) {
    throw invalid('examples.beta must be a number above 0', examples.beta);
  }
  for (const key of ['anchors', 'regions'] as const) {
    const { count, ...shares } = examples[key];
    checkInteger(`examples.${key}.count`, count, 1, 2 ** 20);
    for (const name of ['positiveShare', 'high', 'low', 'lowest'] as const) {
      checkShare(`examples.${key}.${name}`, shares[name]);
    }
  }
  const { before, after, overlap, smallest } = examples.proposals;
  checkInteger('examples.proposals.before', before, 1, 2 ** 24);
  checkInteger('examples.proposals.after', after, 1, 2 ** 24);
  checkShare('examples.proposals.overlap', overlap);
  if (!(smallest >= 0 && smallest < 1e6)) {
    throw invalid('examples.proposals.smallest must be a number of at least 0', smallest);
  }
}

function checkOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw invalid(`${name} must be one of ${known.join(', ')}`, value);
}

function checkShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw invalid(`${name} must be a number from 0 to 1`, value);
}

function invalid(rule: string, found: unknown): ResnetError {
  return new ResnetError('OPTION_INVALID', `${rule}, found ${found}.`);
}
