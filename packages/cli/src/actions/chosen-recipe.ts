import { readFile } from 'node:fs/promises';
import { ResnetError, unknownName } from '@resnet/backend';
import { checkRecipe, type Recipe, recipe, recipes } from '@resnet/train';
import { defined } from '../defined.js';

/** The numbers of a recipe that have options of their own, and all the others. */
export interface RecipeOptions {
  recipe?: string;
  iterations?: number;
  batchSize?: number;
  learningRate?: number;
  milestones?: number[];
  seed?: number;
  weightDecay?: number;
  momentum?: number;
  set?: string[];
}

/**
 * The recipe that a command line asks for: by its name or from a file, with some of its numbers replaced.
 *
 * @param usual the name, where none is given
 */
export async function chosenRecipe(options: RecipeOptions, usual: string): Promise<Recipe> {
  const { iterations, batchSize, learningRate, milestones, seed, weightDecay, momentum } = options;
  const name = options.recipe ?? usual;
  const base = name.endsWith('.json') ? await readRecipe(name) : recipe(name);
  const changed: Recipe = {
    ...base,
    ...defined({ iterations, batchSize, learningRate, seed, weightDecay, momentum }),
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
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw invalid(cause.message, cause);
  });
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
  const expected = Object.keys(recipes.digits!).sort();
  if (typeof found !== 'object' || found === null || String(Object.keys(found).sort()) !== String(expected)) {
    throw invalid(`other keys than ${expected.join(', ')}`);
  }
  return found as unknown as Recipe;
}

/** Does 'labelSmoothing=0.1' or 'schedule.factor=0.2' to a recipe. */
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

/** JSON, or else a word. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
