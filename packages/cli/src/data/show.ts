import { formatCount, Random, ResnetError, throwIfAborted } from '@resnet/core';
import {
  cifarAugmentation,
  type Image,
  imagenetAugmentation,
  imagenetNames,
  samplesAt,
  type Transform,
  torchvisionAugmentation,
} from '@resnet/data';
import { writeWholeFile } from '@resnet/files/node';
import type { Context } from '../context.js';
import { checkName } from '../shared/options/check-name.js';
import { checkOutput, type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { describeClass } from '../shared/weights/class-names.js';
import { drawSheet, type SheetEntry, TILES_A_ROW } from './draw-sheet.js';
import { openObjects, openSource, type SourceOptions } from './open-data-set.js';
import { showObjects } from './show-objects.js';

export interface ShowOptions extends SourceOptions, OutputOptions {
  transform: string;
  seed: number;
  count: number;
  out: string;
  json?: boolean;
}

/** A sheet is drawn in memory. */
const MOST_IMAGES = 100;

const transforms: Record<string, () => Transform | undefined> = {
  cifar: cifarAugmentation,
  imagenet: imagenetAugmentation,
  torchvision: torchvisionAugmentation,
  none: () => undefined,
};

/** Draws images of a data set, with what a transform makes of them. */
export async function dataShow(source: string, options: ShowOptions, { io }: Context): Promise<void> {
  const { seed, count, out, json } = options;
  const name = checkName('transform', options.transform, Object.keys(transforms));
  const transform = transforms[name]!();
  if (count > MOST_IMAGES) {
    throw new ResnetError('OPTION_INVALID', `--count must be at most ${MOST_IMAGES}, found ${count}.`);
  }
  await checkOutput(out, options);
  const objects = await openObjects(source, options);
  if (objects) return showObjects(source, objects, options, io);
  const set = await openSource(source, options);
  const indices = [...new Random(seed).permutation(set.count).slice(0, count)];
  const shown = await samplesAt(set, indices, io.signal);
  const entries: SheetEntry[] = [];
  for (const sample of shown) {
    throwIfAborted(io.signal, 'Drawing');
    const { index, label } = sample;
    const image = await sample.read();
    const text = `${index}  ${describeClass(set.classes[label]!)}`;
    entries.push({ label: text, images: [image, ...versions(image, transform, seed, index)] });
  }
  await writeWholeFile(out, await drawSheet(entries), replacing(options, io));

  const images = shown.map(({ index, label }) => {
    const name = set.classes[label]!;
    const names = imagenetNames(name);
    return { index, class: name, ...(names && { names }) };
  });
  if (json) {
    printJson(io.stdout, { source, data: set.name, transform: name, seed, images, out });
    return;
  }
  const made = transform === undefined ? 'as they are' : `each with ${TILES_A_ROW - 1} versions by ${name}`;
  printRows(io.stdout, [
    ['data', `${set.name}, ${formatCount(set.count)} images`],
    ['shown', `${formatCount(images.length)} images, ${made}, seed ${seed}`],
    ['written', out],
  ]);
}

function versions(image: Image, transform: Transform | undefined, seed: number, index: number): Image[] {
  if (!transform) return [];
  return Array.from({ length: TILES_A_ROW - 1 }, (_, version) =>
    transform(image, new Random(seed, index, version)),
  );
}
