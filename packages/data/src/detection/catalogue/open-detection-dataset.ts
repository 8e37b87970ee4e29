import { defined, ResnetError, unknownName } from '@resnet/core';
import { look } from '../../catalogue/look.js';
import type { DetectionDataset } from '../detection-dataset.js';
import { coco } from './coco.js';
import type { DetectionEntry } from './detection-entry.js';
import { scenes } from './scenes.js';
import { voc } from './voc.js';

/** In the order in which they are tried. */
const entries: Record<string, DetectionEntry> = { voc, coco, 'digit-scenes': scenes };

export interface OpenDetectionOptions {
  /** 'voc', 'coco' or 'digit-scenes'; by default it is recognized. */
  kind?: string;
  /** 'train' by default, where there is such a part. */
  part?: string;
}

/** The names of all kinds of sets with objects. */
export function detectionKinds(): string[] {
  return Object.keys(entries).sort();
}

/** The kind of the set with objects at a path; undefined if there is none, also if there is nothing. */
export async function detectionKindOf(path: string): Promise<string | undefined> {
  const found = await look(path).catch(() => undefined);
  for (const [name, { isIncluded, recognizes }] of Object.entries(entries)) {
    if (found ? await recognizes?.(found) : isIncluded && name === path) return name;
  }
  return undefined;
}

/**
 * Opens the set with objects in a folder: one in the layout of PASCAL VOC or of COCO, recognized by what is there; or 'digit-scenes'.
 *
 * @throws DATA_INVALID if it is not recognized; UNKNOWN_NAME for an unknown kind or part; OPTION_INVALID if a part has to be chosen;
 *   and what `readVoc`, `readCoco` and `digitScenes` throw
 */
export async function openDetectionDataset(
  path: string,
  options: OpenDetectionOptions = {},
): Promise<DetectionDataset> {
  const { kind = await detectionKindOf(path), part } = options;
  if (kind === undefined) {
    const known = Object.values(entries).map(({ description }) => description);
    throw new ResnetError(
      'DATA_INVALID',
      `'${path}' must be ${known.join(' or ')}, found nothing that tells.`,
    );
  }
  const entry = Object.hasOwn(entries, kind) ? entries[kind] : undefined;
  if (!entry) throw unknownName('kind of set with objects', kind, detectionKinds());
  return entry.open(path, defined({ part }));
}
