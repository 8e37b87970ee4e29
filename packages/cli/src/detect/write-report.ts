import { formatDetectionPage, type ShownMistake, summarizeMistakes } from '@resnet/charts/page';
import { defined, throwIfAborted } from '@resnet/core';
import type { DetectionDataset } from '@resnet/data';
import type { DetectorEvaluation } from '@resnet/detection';
import { writeWholeFile } from '@resnet/files/node';
import { type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import { drawMistake } from './draw-mistake.js';

/**
 * Writes what a detector finds and mistakes as a page with pictures.
 *
 * @param path of the page
 * @param subject what was tested, on what and how
 * @param set that was evaluated
 * @throws IMAGE_INVALID, FILE_UNREADABLE, FILE_UNWRITABLE, ABORTED
 */
export async function writeDetectionReport(
  path: string,
  subject: Readonly<Record<string, string>>,
  { images, ...evaluation }: DetectorEvaluation,
  set: DetectionDataset,
  options: OutputOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const mistakes = summarizeMistakes(images, set.classes);
  const pictures = new Map<ShownMistake, string>();
  for (const mistake of mistakes.shown) {
    throwIfAborted(signal, 'Writing the report');
    const image = await set.read(images[mistake.image]!.index);
    pictures.set(mistake, await drawMistake(image, mistake));
  }
  const page = await formatDetectionPage(
    { ...evaluation, subject, classNames: set.classes, mistakes },
    pictures,
  );
  await writeWholeFile(path, page, replacing(options, defined({ signal })));
}
