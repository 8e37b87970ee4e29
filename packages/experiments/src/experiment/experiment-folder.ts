import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDifferences, ResnetError, settingTexts } from '@resnet/core';
import { parseJson } from '@resnet/files';
import { readRegularText, writeWholeFile } from '@resnet/files/node';
import { upgradeRecipe } from '@resnet/train';

const FILE = 'experiment.json';

/**
 * Makes a folder that of an experiment, by a file `experiment.json` with all numbers that decide what comes out; or, where it
 * is one, makes sure that it is of this very experiment.
 *
 * @param numbers plain values, lists and objects
 * @param environment what is worth knowing, but may change before an interrupted experiment goes on: versions, device
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
  // Of two that begin at once, one is refused.
  await writeWholeFile(path, text, { replace: false });
}

/** What a folder shows; it is made if there is none. */
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
    const message = `${path} can't be read, so it can't be told what is in its folder. Choose another. ${(cause as Error).message}`;
    throw new ResnetError('DATA_INVALID', message, { cause });
  }
}

/** Recipes of before there was such a setting are upgraded. */
function textsOf(numbers: object): Record<string, string> {
  const { recipe } = numbers as { recipe?: unknown };
  return settingTexts(isRecord(recipe) ? { ...numbers, recipe: upgradeRecipe(recipe) } : numbers);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
