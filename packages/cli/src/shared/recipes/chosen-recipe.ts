import { defined, ResnetError, unknownName } from '@resnet/core';
import { parseJson } from '@resnet/files';
import { readRegularText } from '@resnet/files/node';
import { checkRecipe, type Recipe, recipe, recipes, upgradeRecipe, withIterations } from '@resnet/train';

/** The options that change a recipe: some for one number each, and `set` for any. */
export interface RecipeOptions {
  recipe?: string;
  iterations?: number;
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  milestones?: number[];
  seed?: number;
  weightDecay?: number;
  momentum?: number;
  set?: string[];
}

/** The recipe that --recipe names, or that of the file that it names; undefined without --recipe. */
export async function namedRecipe({ recipe: name }: RecipeOptions): Promise<Recipe | undefined> {
  if (name === undefined) return undefined;
  return name.endsWith('.json') ? readRecipe(name) : recipe(name);
}

/**
 * A recipe with the numbers that the options replace. Its schedule is stretched to the number of steps.
 *
 * @param count of training images, for --epochs
 */
export function changedRecipe(base: Recipe, options: RecipeOptions, count: number): Recipe {
  const { epochs, batchSize, learningRate, milestones, seed, weightDecay, momentum } = options;
  if (epochs !== undefined && options.iterations !== undefined) {
    throw new ResnetError('OPTION_INVALID', '--epochs and --iterations say the same: give one of them.');
  }
  const ofEpochs = epochs && Math.ceil(epochs * Math.ceil(count / (batchSize ?? base.batchSize)));
  const iterations = options.iterations ?? ofEpochs ?? base.iterations;
  const changed: Recipe = {
    ...(iterations === base.iterations ? base : withIterations(base, iterations)),
    ...defined({ batchSize, learningRate, seed, weightDecay, momentum }),
    ...(milestones ? { schedule: { kind: 'steps', milestones, factor: 0.1 } } : {}),
  };
  for (const assignment of options.set ?? []) assign(changed, assignment);
  checkRecipe(changed);
  return changed;
}

/** A recipe as `resnet recipe NAME` prints it. */
async function readRecipe(path: string): Promise<Recipe> {
  const invalid = (found: string, cause?: unknown) =>
    new ResnetError(
      'OPTION_INVALID',
      `'${path}' must be a recipe as \`resnet recipe NAME\` prints it, found ${found}.`,
      { cause },
    );
  const text = await readRegularText(path, 2 ** 20).catch((cause) => {
    throw invalid(cause.message, cause);
  });
  let found: unknown;
  try {
    found = parseJson(text);
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
  const expected = Object.keys(recipes.digits!).sort();
  const upgraded = upgradeRecipe(Object(found) as Recipe);
  if (String(Object.keys(upgraded).sort()) !== String(expected)) {
    throw invalid(`other keys than ${expected.join(', ')}`);
  }
  // Before its schedule is stretched to another number of steps.
  checkRecipe(upgraded);
  return upgraded;
}

/** Applies an assignment such as 'labelSmoothing=0.1' or 'schedule.factor=0.2' to a recipe. */
function assign(recipe: Recipe, assignment: string): void {
  const at = assignment.indexOf('=');
  const [path, text] = [assignment.slice(0, Math.max(0, at)), assignment.slice(at + 1)];
  if (at < 1) {
    throw new ResnetError('OPTION_INVALID', `--set takes KEY=VALUE, found '${assignment}'.`);
  }
  const [key, inner, ...more] = path.split('.') as [keyof Recipe, string | undefined];
  if (!Object.hasOwn(recipe, key) || key === 'name' || more.length > 0) {
    throw unknownName(
      'setting',
      path,
      Object.keys(recipe).filter((each) => each !== 'name'),
    );
  }
  const value = parsed(text);
  if (inner === undefined) Object.assign(recipe, { [key]: value });
  else {
    const before = recipe[key];
    if (typeof before !== 'object' || before === null || !Object.hasOwn(before, inner)) {
      const known = Object.keys((before ?? {}) as object).map((each) => `${key}.${each}`);
      throw unknownName('setting', path, known);
    }
    Object.assign(recipe, { [key]: { ...before, [inner]: value } });
  }
}

/** As JSON, or as a word where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
