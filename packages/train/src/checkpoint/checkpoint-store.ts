import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateDict } from '@resnet/blocks';
import { defined, ResnetError } from '@resnet/core';
import { parseJson } from '@resnet/files';
import { readRegularFile, readRegularText, syncFolder, syncToDisk, temporaryName } from '@resnet/files/node';
import {
  arePackedRanges,
  type PackedRanges,
  packRanges,
  readSafetensors,
  unpackRanges,
  writeSafetensors,
} from '@resnet/zoo';
import { type Checkpoint, stateOf, type TrainingState } from '../fit/training-state.js';
import { refuseDifferences, type TaskSettings } from '../run/run-settings.js';

/** How many checkpoints a run keeps: the last, and the one before in case a disk loses it. */
export const CHECKPOINTS_KEPT = 2;

/** The contents of `state.json`: all of a checkpoint but its tensors. */
interface State extends TrainingState, TaskSettings {
  ranges?: PackedRanges;
}

/** All files that a checkpoint may have: nothing else is removed with it. */
const FILES = ['state.json', 'model.safetensors', 'optimizer.safetensors', 'averages.safetensors'] as const;

/** The ending of a checkpoint's name while a new one of the same iteration replaces it. */
const ASIDE = '.old';

/**
 * Writes a checkpoint as a folder of `model.safetensors`, `optimizer.safetensors`, `averages.safetensors` if the recipe
 * averages, and `state.json`, named by its iteration. It appears whole or not at all: everything is written into a
 * folder of another name, synced and renamed. Checkpoints before the last two are removed, except for files in them that are not theirs.
 *
 * @param metadata of the model's file: with `packMetadata`'s, which has the per-pixel mean, it is one of `loadModel`
 * @throws FILE_UNWRITABLE; the checkpoints that were there stay
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  settings: TaskSettings,
  metadata: Record<string, string> = {},
): Promise<void> {
  const { ranges } = checkpoint;
  const packed = defined({ ranges: ranges && packRanges(ranges) });
  const state: State = { ...stateOf(checkpoint), ...packed, ...settings };
  const name = String(checkpoint.iteration).padStart(8, '0');
  const target = join(folder, name);
  const temporary = temporaryName(target);
  try {
    await mkdir(folder, { recursive: true });
    await mkdir(temporary);
    await writeSynced(
      join(temporary, 'model.safetensors'),
      writeSafetensors(checkpoint.network, { format: 'pt', ...metadata }),
    );
    await writeSynced(join(temporary, 'optimizer.safetensors'), writeSafetensors(checkpoint.optimizer));
    if (checkpoint.averages) {
      const averages = writeSafetensors(checkpoint.averages, { format: 'pt', ...metadata });
      await writeSynced(join(temporary, 'averages.safetensors'), averages);
    }
    await writeSynced(join(temporary, 'state.json'), `${JSON.stringify(state, null, 2)}\n`);
    await syncFolder(temporary);
    await replace(temporary, target);
    await syncFolder(folder);
    const names = await checkpointNames(folder);
    const replaced = names.filter((each) => each.endsWith(ASIDE));
    const outdated = names.filter((each) => !each.endsWith(ASIDE)).slice(0, -CHECKPOINTS_KEPT);
    for (const old of [...replaced, ...outdated]) {
      if (old !== name) await removeCheckpoint(join(folder, old));
    }
  } catch (cause) {
    // What is half written may fill the disk. If this fails too, the next start of the run removes it.
    await removeCheckpoint(temporary).catch(() => {});
    throw new ResnetError(
      'FILE_UNWRITABLE',
      `Can't write a checkpoint to ${target}: ${messageOf(cause)}. Those that are there are whole: make room, or ` +
        'let the folder be written, and resume.',
      { cause },
    );
  }
}

/**
 * Replaces a folder. There is a checkpoint of the same iteration if a run was stopped where it had just saved. As a folder
 * can't be renamed onto it, it is renamed first, to a name that `readCheckpoint` reads too.
 */
async function replace(temporary: string, target: string): Promise<void> {
  if (existsSync(target)) {
    await removeCheckpoint(target + ASIDE);
    await rename(target, target + ASIDE);
  }
  await rename(temporary, target);
}

/** Far more than this project's networks have. */
const MOST_STATE_BYTES = 2 ** 24;
const MOST_TENSORS_BYTES = 2 ** 32;

/**
 * The newest checkpoint of a folder that is whole; a broken one is skipped for the one before.
 *
 * @returns undefined if the folder has none
 * @throws CHECKPOINT_INVALID, naming each problem, if there are some but all are broken; CHECKPOINT_MISMATCH,
 *   naming the differences, if it is of another network, recipe or data set
 */
export async function readCheckpoint(
  folder: string,
  settings: TaskSettings,
): Promise<Checkpoint | undefined> {
  const problems: string[] = [];
  for (const name of (await checkpointNames(folder)).reverse()) {
    const path = join(folder, name);
    let checkpoint: Checkpoint;
    let found: TaskSettings;
    try {
      const state = parseState(await readRegularText(join(path, 'state.json'), MOST_STATE_BYTES));
      const read = async (file: string): Promise<StateDict> =>
        readSafetensors(await readRegularFile(join(path, file), MOST_TENSORS_BYTES)).tensors;
      const [network, optimizer] = [await read('model.safetensors'), await read('optimizer.safetensors')];
      const averaged =
        state.recipe.averaging === null ? {} : { averages: await read('averages.safetensors') };
      const ranges = state.ranges && unpackRanges(state.ranges);
      checkpoint = { ...stateOf(state), network, optimizer, ...averaged, ...defined({ ranges }) };
      found = settingsOf(state);
    } catch (cause) {
      problems.push(`${path}: ${messageOf(cause)}`);
      continue;
    }
    refuseDifferences(path, found, settings);
    return checkpoint;
  }
  if (problems.length === 0) return undefined;
  throw new ResnetError('CHECKPOINT_INVALID', `No checkpoint can be read.\n${problems.join('\n')}`);
}

/** Whether a folder has a checkpoint, broken or whole. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return (await checkpointNames(folder)).length > 0;
}

/** Removes what killed writers of checkpoints have left in their folder. The caller must keep other writers out. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await foldersIn(folder)) {
    if (/^\.\d{8,}\.[0-9a-f]{16}\.tmp$/.test(name)) await removeCheckpoint(join(folder, name));
  }
}

/** A folder with files that are not a checkpoint's stays, with those. */
async function removeCheckpoint(path: string): Promise<void> {
  for (const file of FILES) await rm(join(path, file), { force: true });
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code ?? '')) throw error;
  });
}

/** The oldest first; one that is being replaced is older than the new one. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = (await foldersIn(folder)).filter((name) => /^\d{8,}(\.old)?$/.test(name));
  return names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || b.length - a.length);
}

/** The names of the folders in it, without links to folders: those are not the run's. */
async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return [];
    throw cause;
  }
}

function parseState(text: string): State {
  const state = parseJson(text) as Partial<State> | null;
  const sums = ['steps', 'images', 'errors', 'loss', 'data', 'forward', 'backward', 'update'] as const;
  const isValid =
    Number.isSafeInteger(state?.iteration) &&
    Number.isSafeInteger(state?.testsSinceBest) &&
    typeof state?.testDue === 'boolean' &&
    sums.every((key) => Number.isFinite(state?.window?.[key])) &&
    [state.window?.answers ?? 0, ...Object.values(state.window?.losses ?? {})].every(Number.isFinite) &&
    isRecord(state?.schedule) &&
    isRecord(state?.architecture) &&
    isRecord(state?.recipe) &&
    (state.ranges === undefined || arePackedRanges(state.ranges));
  if (!isValid) throw new Error('state.json does not have the fields of a checkpoint.');
  return state as State;
}

/** What is not of the training itself. */
function settingsOf(state: State): TaskSettings {
  const others = new Set(['ranges', ...Object.keys(stateOf(state))]);
  return Object.fromEntries(
    Object.entries(state).filter(([key]) => !others.has(key)),
  ) as unknown as TaskSettings;
}

async function writeSynced(path: string, contents: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(contents);
    await syncToDisk(file);
  } finally {
    await file.close();
  }
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
