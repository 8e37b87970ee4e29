import { formatPercent, throwIfAborted } from '@resnet/core';
import { decodeImageFile } from '@resnet/data/node';
import { type Detections, detect, detectionSettings, prepareDetector } from '@resnet/detection';
import { loadDetector } from '@resnet/detection/node';
import { writeWholeFile } from '@resnet/files/node';
import type { Context } from '../context.js';
import { drawObjectSheet, type ObjectEntry } from '../data/draw-object-sheet.js';
import { imagePaths } from '../predict/image-paths.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { describeLeftOut } from '../shared/data-sets/left-out-files.js';
import { checkOutput, type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import { printJson, printLine } from '../shared/terminal/print.js';
import { oneLine } from '../shared/terminal/printable-output.js';

export interface DetectPredictOptions extends BackendChoice, OutputOptions {
  weights: string;
  score: number;
  out?: string;
  json?: boolean;
}

/** Finds objects in images. */
export async function detectPredict(
  given: readonly string[],
  options: DetectPredictOptions,
  { io }: Context,
): Promise<void> {
  const { weights, score, out, json } = options;
  const { paths, leftOut } = await imagePaths(given);
  if (leftOut.length > 0) printLine(io.stderr, `left out: ${describeLeftOut(leftOut)}`);
  await checkOutput(out, options);
  await withBackend(options, io.stderr, async () => {
    const { detector, normalization, classNames, notes } = await loadDetector(weights);
    for (const note of notes) printLine(io.stderr, `note: ${weights}: ${note}.`);
    const names =
      classNames ?? Array.from({ length: detector.settings.classes }, (_, label) => `class ${label + 1}`);
    const usual = detectionSettings(detector.settings.style);
    const settings = { ...usual, results: { ...usual.results, score } };
    const prepared = prepareDetector(detector);
    detector.dispose();
    try {
      const entries: ObjectEntry[] = [];
      const images: { path: string; objects: ReturnType<typeof listed> }[] = [];
      for (const path of paths) {
        throwIfAborted(io.signal, 'Detecting');
        const image = await decodeImageFile(path);
        const found = await detect(prepared, image, { normalization, settings });
        const objects = listed(found, names);
        images.push({ path, objects });
        if (out !== undefined) entries.push(entryOf(path, image, found, objects, names));
        if (!json) printFound(io.stdout, path, objects);
      }
      if (out !== undefined)
        await writeWholeFile(out, await drawObjectSheet(entries), replacing(options, io));
      if (json) printJson(io.stdout, { weights, notes, images, ...(out !== undefined && { out }) });
      else if (out !== undefined) {
        io.stdout.write('\n');
        printLine(io.stdout, `written  ${out}`);
      }
    } finally {
      prepared.dispose();
    }
  });
}

interface FoundObject {
  class: string;
  score: number;
  /** xyxy in pixels of the image. */
  box: number[];
}

function listed({ boxes, labels, scores }: Detections, names: readonly string[]): FoundObject[] {
  return Array.from(labels, (label, index) => ({
    class: names[label]!,
    score: scores[index]!,
    box: [...boxes.subarray(4 * index, 4 * index + 4)].map((side) => Number(side.toFixed(2))),
  }));
}

/** A tile of the sheet: each box has the probability behind its class. */
function entryOf(
  path: string,
  image: ObjectEntry['image'],
  { boxes, labels }: Detections,
  objects: readonly FoundObject[],
  names: readonly string[],
): ObjectEntry {
  return {
    label: oneLine(path),
    image,
    objects: { boxes: Float64Array.from(boxes), labels },
    classes: names,
    texts: objects.map(({ class: name, score }) => `${name} ${score.toFixed(2)}`),
  };
}

function printFound(stdout: Context['io']['stdout'], path: string, objects: readonly FoundObject[]): void {
  printLine(stdout, `${oneLine(path)}: ${objects.length === 0 ? 'nothing' : `${objects.length} found`}`);
  for (const { class: name, score, box } of objects) {
    printLine(stdout, `  ${formatPercent(score).padStart(8)}  ${name}  ${box.map(Math.round).join(', ')}`);
  }
}
