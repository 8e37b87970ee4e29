import { createHash } from 'node:crypto';
import { defined, describeDifferences, ResnetError, settingTexts } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import type { CommonRecipe } from '../recipe/common-recipe.js';
import { type Recipe, upgradeRecipe } from '../recipe/recipe.js';

/** Longer lists are kept as a digest: nobody reads 3,072 means. */
const LISTED = 20;

/** A list, or the digest of a long one. */
type Listed = readonly (string | number)[] | string;

interface DataSettings {
  name: string;
  count: number;
  classes: Listed;
}

/** What must be the same for a run of any task to resume from a checkpoint. A task adds its own, under names that `Checkpoint` lacks. */
export interface TaskSettings {
  architecture: object;
  recipe: CommonRecipe;
}

/** The settings of a classifier's run. */
export interface RunSettings extends TaskSettings {
  recipe: Recipe;
  train: DataSettings;
  test?: DataSettings;
  normalization: { mean: Listed; std: Listed };
}

interface Described {
  name: string;
  count: number;
  classes: readonly string[];
}

/** The settings of a classifier's run, as its checkpoints keep them. */
export function runSettings(run: {
  architecture: object;
  recipe: Recipe;
  train: Described;
  test?: Described;
  normalization: Normalization;
}): RunSettings {
  const { architecture, recipe, train, test, normalization } = run;
  const data = ({ name, count, classes }: Described) => ({ name, count, classes: listed(classes) });
  return {
    architecture,
    recipe,
    train: data(train),
    ...defined({ test: test && data(test) }),
    normalization: { mean: listed(normalization.mean), std: listed(normalization.std) },
  };
}

/**
 * A longer run may resume from a shorter one; everything else must be the same.
 *
 * @param path of the checkpoint, for the message
 * @param found its settings
 * @throws CHECKPOINT_MISMATCH, listing the differences
 */
export function refuseDifferences(path: string, found: TaskSettings, expected: TaskSettings): void {
  const isClassifier = 'reestimateImages' in expected.recipe;
  const recipe = isClassifier ? upgradeRecipe(found.recipe) : found.recipe;
  const differences = describeDifferences(textsOf({ ...found, recipe }), textsOf(expected));
  if (differences.length === 0) return;
  throw new ResnetError(
    'CHECKPOINT_MISMATCH',
    `The checkpoint ${path} is of another run. Resume with its own settings, or train into another ` +
      `folder.\n${differences.join('\n')}`,
  );
}

/** All settings but for the number of steps: 'network.name', 'recipe.batchSize'. */
function textsOf({ architecture: network, ...others }: TaskSettings) {
  const { 'recipe.iterations': _, ...texts } = settingTexts({ network, ...others });
  return texts;
}

function listed(values: readonly string[] | Float32Array): Listed {
  if (values.length <= LISTED) return [...values];
  const digest = createHash('sha256')
    .update(JSON.stringify([...values]))
    .digest('hex');
  return `${values.length} of SHA-256 ${digest.slice(0, 16)}`;
}
