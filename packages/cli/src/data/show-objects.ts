import { formatCount, Random, ResnetError, throwIfAborted } from '@resnet/core';
import type { DetectionDataset } from '@resnet/data';
import { writeWholeFile } from '@resnet/files/node';
import { type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import type { Io } from '../shared/terminal/io.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { drawObjectSheet, type ObjectEntry } from './draw-object-sheet.js';

interface ShownOptions extends OutputOptions {
  transform: string;
  seed: number;
  count: number;
  out: string;
  json?: boolean;
}

/** Draws images of a set with their boxes and classes. */
export async function showObjects(
  source: string,
  set: DetectionDataset,
  options: ShownOptions,
  io: Io,
): Promise<void> {
  const { seed, count, out, json, transform } = options;
  if (transform !== 'none') {
    throw new ResnetError(
      'OPTION_INVALID',
      `--transform ${transform} is of images with one label, but '${source}' has objects in its images. Leave it out.`,
    );
  }
  const indices = [...new Random(seed).permutation(set.count).slice(0, count)];
  const entries: ObjectEntry[] = [];
  for (const index of indices) {
    throwIfAborted(io.signal, 'Drawing');
    const objects = set.objects(index);
    const [image, name] = [await set.read(index), set.imageName(index)];
    entries.push({ label: `${index}  ${name}`, image, objects, classes: set.classes });
  }
  await writeWholeFile(out, await drawObjectSheet(entries), replacing(options, io));

  const images = indices.map((index) => ({
    index,
    name: set.imageName(index),
    objects: [...set.objects(index).labels].map((label, at) => ({
      class: set.classes[label],
      box: [...set.objects(index).boxes.subarray(4 * at, 4 * at + 4)],
    })),
  }));
  if (json) {
    printJson(io.stdout, { source, data: set.name, transform, seed, images, out });
    return;
  }
  const drawn = images.reduce((sum, { objects }) => sum + objects.length, 0);
  printRows(io.stdout, [
    ['data', `${set.name}, ${formatCount(set.count)} images`],
    [
      'shown',
      `${formatCount(images.length)} images with ${formatCount(drawn)} ${drawn === 1 ? 'object' : 'objects'}, seed ${seed}; difficult ones and crowds dashed`,
    ],
    ['written', out],
  ]);
}
