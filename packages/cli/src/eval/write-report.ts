import { formatEvaluationPage } from '@resnet/charts/page';
import { defined, ResnetError, throwIfAborted } from '@resnet/core';
import { type Dataset, type Image, type ImageSet, type Sample, samplesAt } from '@resnet/data';
import type { EvaluationFile } from '@resnet/eval';
import { writeWholeFile } from '@resnet/files/node';
import sharp from 'sharp';
import { type OutputOptions, replacing, reportPage } from '../shared/output-files/output-file.js';
import { describeClass } from '../shared/weights/class-names.js';

/** The largest height and width of a picture, in pixels. */
const SIDE = 256;

/**
 * Writes an evaluation as a page with pictures of its mistakes, `index.html` in a folder. Broken images have none.
 *
 * @param set that was evaluated, whole: the indices of the mistakes are its
 * @returns the path of the page
 * @throws OPTION_INVALID if the set has fewer images than the mistakes' indices; FILE_UNWRITABLE; ABORTED
 */
export async function writeReport(
  folder: string,
  file: EvaluationFile,
  set: ImageSet | Dataset,
  options: OutputOptions,
  signal: AbortSignal | undefined,
): Promise<string> {
  const pictures = new Map<number, string>();
  const mistaken = file.evaluation.mistakes.map(({ index }) => index);
  for (const sample of await samplesAt(set, mistaken, signal)) {
    throwIfAborted(signal, 'Writing the report');
    const image = await readUnlessBroken(sample);
    if (image) pictures.set(sample.index, await drawPicture(image));
  }
  const classNames = file.classNames.map(describeClass);
  const path = reportPage(folder);
  await writeWholeFile(
    path,
    await formatEvaluationPage({ ...file, classNames }, pictures),
    replacing(options, defined({ signal })),
  );
  return path;
}

async function readUnlessBroken(sample: Sample): Promise<Image | undefined> {
  try {
    return await sample.read();
  } catch (error) {
    if (ResnetError.is(error) && (error.code === 'IMAGE_INVALID' || error.code === 'FILE_UNREADABLE')) return;
    throw error;
  }
}

/** Pixels of small images stay visible. @returns a `data:` URL */
async function drawPicture({ pixels, height, width, channels }: Image): Promise<string> {
  const picture = sharp(pixels, { raw: { height, width, channels: channels as 1 | 3 } });
  const times = Math.floor(SIDE / Math.max(height, width));
  const sized =
    times >= 1
      ? picture.resize({ height: times * height, width: times * width, kernel: 'nearest' })
      : picture.resize({ height: SIDE, width: SIDE, fit: 'inside' });
  return `data:image/png;base64,${(await sized.png().toBuffer()).toString('base64')}`;
}
