import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDifferences, ResnetError, settingTexts } from '@resnet/core';
import { parseJson } from '@resnet/files';
import { readRegularText, writeWholeFile } from '@resnet/files/node';
import { upgradeRecipe } from '@resnet/train';

const FILE = 'experiment.json';

/**
 * Makes a folder the folder of an experiment, by a file `experiment.json` with all numbers that decide its results. If it
 * already has such a file, checks that it is of this experiment.
 *
 * @param numbers plain values, lists and objects
 * @param environment versions and device: they are written, but may change before an interrupted experiment is resumed
 * @throws OPTION_INVALID if the folder holds other things; CHECKPOINT_MISMATCH, naming the differences, if it is of another
 *   experiment; DATA_INVALID if its `experiment.json` can't be read; FILE_UNWRITABLE
 */
export async function openExperiment(folder: string, numbers: object, environment: object): Promise<void> {
  const path = join(folder, FILE);
  const found = await filesIn(folder);
  if (found.includes(FILE)) {
    const { circumstances: _, ...there } = await readNumbers(path);
    const differences = describeDifferences(textsOf(there), textsOf(numbers));
    if (differences.length === 0) return;
    const message = `${folder} is of another experiment. Give that one's numbers, or choose another folder.`;
    throw new ResnetError('CHECKPOINT_MISMATCH', `${message}\n${differences.join('\n')}`);
  }
  if (found.length > 0) {
    const message = `${folder} holds other things than an experiment: ${found[0]}. Choose another folder.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  const text = `${JSON.stringify({ ...numbers, circumstances: environment }, null, 2)}\n`;
  // Of two experiments that start at once, one is refused.
  await writeWholeFile(path, text, { replace: false });
}

/** The files in a folder, without hidden ones; the folder is made if it is not there. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true });
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (cause) {
    const message = `Can't make the folder ${folder}: ${(cause as Error).message}`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  }
}

async function readNumbers(path: string): Promise<Record<string, unknown>> {
  try {
    const numbers: unknown = parseJson(await readRegularText(path, 2 ** 20));
    if (!isRecord(numbers)) throw new Error('It holds no object.');
    return numbers;
  } catch (cause) {
    const message = `${path} can't be read, so the experiment of its folder is not known. Choose another folder. ${(cause as Error).message}`;
    throw new ResnetError('DATA_INVALID', message, { cause });
  }
}

/** Recipes of earlier versions are upgraded. */
function textsOf(numbers: object): Record<string, string> {
  const { recipe } = numbers as { recipe?: unknown };
  return settingTexts(isRecord(recipe) ? { ...numbers, recipe: upgradeRecipe(recipe) } : numbers);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
