import { join } from 'node:path';
import { ResnetError, unknownName } from '@resnet/core';
import type { Found } from '../../catalogue/entry.js';
import { listFolder } from '../../folders/image-files.js';
import { isFolder } from '../../folders/kind-at.js';
import { readCoco } from '../coco/read-coco.js';
import { type DetectionEntry, trainingPart } from './detection-entry.js';

export const coco: DetectionEntry = {
  description: "a folder with annotations/instances_….json and images, as COCO's",
  recognizes: async ({ path, folders }: Found) =>
    folders.includes('annotations') && (await partsOf(path)).length > 0,
  async open(path, { part }) {
    const parts = await partsOf(path);
    const chosen = part ?? trainingPart(parts) ?? (parts.length === 1 ? parts[0] : undefined);
    if (chosen === undefined) {
      throw new ResnetError(
        'OPTION_INVALID',
        `'${path}' has the parts ${parts.join(', ')}. Choose one as the part.`,
      );
    }
    if (!parts.includes(chosen)) throw unknownName('part', chosen, parts);
    const beside = join(path, chosen);
    const images = (await isFolder(beside)) ? beside : join(path, 'images', chosen);
    return readCoco({ annotations: join(path, 'annotations', `instances_${chosen}.json`), images });
  },
};

async function partsOf(path: string): Promise<string[]> {
  const { files } = await listFolder(join(path, 'annotations'));
  return files.flatMap((name) => /^instances_(.+)\.json$/.exec(name)?.[1] ?? []);
}
