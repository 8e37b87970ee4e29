import { basename } from 'node:path';
import { defined, formatCount, formatPercent, ResnetError } from '@resnet/core';
import type { DetectionDataset, Normalization } from '@resnet/data';
import { openDetectionDataset } from '@resnet/data/node';
import {
  type DetectorEvaluation,
  detectionSettings,
  evaluateDetector,
  type PreparedDetector,
  prepareDetector,
  withRefinement,
} from '@resnet/detection';
import { loadDetector } from '@resnet/detection/node';
import type { Context } from '../context.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { BrokenImages } from '../shared/data-sets/broken-images.js';
import { checkOutput, type OutputOptions, reportPage } from '../shared/output-files/output-file.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import { printJson, printLine, printRows } from '../shared/terminal/print.js';
import { printTable } from '../shared/terminal/print-table.js';
import { describeFile } from '../shared/weights/file-digest.js';
import { writeDetectionReport } from './write-report.js';

export interface DetectEvalOptions extends BackendChoice, OutputOptions {
  weights: string[];
  /** Whether boxes are judged a second time, as in the paper. */
  refine?: boolean;
  /** Shorter sides at which regions are judged, with commas. */
  scales?: string;
  data: string;
  part: string;
  /** The folder of the page. */
  report?: string;
  skipBroken?: boolean;
  json?: boolean;
}

/** Tests a detector. */
export async function detectEval(options: DetectEvalOptions, { io }: Context): Promise<void> {
  const { weights, data, part, json } = options;
  const scales = options.scales?.split(',').map(Number) ?? [];
  const page = options.report === undefined ? undefined : reportPage(options.report);
  await checkOutput(page, options, 'name another folder');
  const set = await openDetectionDataset(data, { part });
  const broken = new BrokenImages(io.stderr);
  await withBackend(options, io.stderr, async () => {
    const { prepared, normalization, classNames, notes } = await openEnsemble(weights);
    try {
      for (const note of notes) printLine(io.stderr, `note: ${note}.`);
      const [{ settings }] = prepared;
      const usual = { ...detectionSettings(settings.style), scales };
      const evaluation = await withImageBar(io.stderr, set.count, io, (onProgress) =>
        evaluateDetector(prepared, set, {
          ...{ normalization, classNames, settings: options.refine ? withRefinement(usual) : usual },
          onProgress: ({ done, count }) => onProgress(done, count),
          ...(io.signal && { signal: io.signal }),
          ...(options.skipBroken && { onBroken: broken.report }),
        }),
      );
      if (page !== undefined) {
        const subject = await subjectOf(prepared, set, options);
        await writeDetectionReport(page, subject, evaluation, set, options, io.signal);
      }
      const written = defined({ report: page });
      if (json)
        printJson(io.stdout, { weights, data: set.name, notes, ...numbersOf(evaluation), ...written });
      else printEvaluation(io.stdout, set.name, evaluation);
      if (page !== undefined && !json) {
        io.stdout.write('\n');
        printLine(io.stdout, `written  ${page}`);
      }
    } finally {
      for (const each of prepared) each.dispose();
    }
  });
}

interface Ensemble {
  prepared: [PreparedDetector, ...PreparedDetector[]];
  normalization: Normalization;
  classNames: readonly string[] | undefined;
  notes: readonly string[];
}

/** @throws OPTION_INVALID if the detectors have other classes, or take other pixels */
async function openEnsemble(paths: readonly string[]): Promise<Ensemble> {
  const prepared: PreparedDetector[] = [];
  const notes: string[] = [];
  let first: { normalization: Normalization; classNames: readonly string[] | undefined } | undefined;
  try {
    for (const path of paths) {
      const { detector, normalization, classNames, notes: ofFile } = await loadDetector(path);
      prepared.push(prepareDetector(detector));
      detector.dispose();
      notes.push(...ofFile.map((note) => `${path}: ${note}`));
      first ??= { normalization, classNames };
      const differs = [
        String(first.classNames) !== String(classNames) && 'classes',
        String([first.normalization.mean, first.normalization.std]) !==
          String([normalization.mean, normalization.std]) && 'mean and deviation of pixels',
      ].find((each) => each !== false);
      if (differs !== undefined) {
        const message = `The detectors of an ensemble must have the same ${differs}: ${path} has others than ${paths[0]}.`;
        throw new ResnetError('OPTION_INVALID', message);
      }
    }
  } catch (error) {
    for (const each of prepared) each.dispose();
    throw error;
  }
  return { prepared: prepared as Ensemble['prepared'], ...first!, notes };
}

/** What decides the results, in the same words on every machine. */
async function subjectOf(
  prepared: readonly PreparedDetector[],
  set: DetectionDataset,
  { weights, refine, scales }: DetectEvalOptions,
): Promise<Record<string, string>> {
  const key = (name: string, index: number) => (weights.length === 1 ? name : `${name} ${index + 1}`);
  const described: [key: string, value: string][] = [];
  for (const [index, file] of weights.entries()) {
    const { backbone, style, shorterSide } = prepared[index]!.settings;
    const kind = `${backbone.name}, ${style}, shorter side ${shorterSide}`;
    described.push([key('detector', index), kind], [key('weights', index), await describeFile(file)]);
  }
  return {
    ...Object.fromEntries(described),
    data: basename(set.name),
    ...(refine ? { boxes: 'refined, with voting' } : {}),
    ...defined({ scales }),
  };
}

function numbersOf({ count, voc, voc2007, coco }: DetectorEvaluation) {
  const { classes, ...numbers } = coco;
  return {
    count,
    voc2010: voc.map,
    voc2007: voc2007.map,
    coco: numbers,
    classes: classes.map(({ name, truths, ap, ap50 }, label) => ({
      ...{ name, truths, ap, ap50 },
      ...{ voc2010: voc.classes[label]!.ap, voc2007: voc2007.classes[label]!.ap },
    })),
  };
}

function printEvaluation(
  stdout: Context['io']['stdout'],
  name: string,
  { count, voc, voc2007, coco }: DetectorEvaluation,
): void {
  const share = (value: number) => (value < 0 ? 'nothing to find' : formatPercent(value));
  printRows(stdout, [
    ['data', `${name}, ${formatCount(count)} images`],
    ['mAP by VOC', `${share(voc.map)} (since 2010), ${share(voc2007.map)} (2007), overlap above 0.5`],
    ['AP by COCO', `${share(coco.ap)}; at 0.5 ${share(coco.ap50)}, at 0.75 ${share(coco.ap75)}`],
    ['', `small ${share(coco.apSmall)}, medium ${share(coco.apMedium)}, large ${share(coco.apLarge)}`],
    ['recall', `${share(coco.ar)} of 100 detections, ${share(coco.ar1)} of one, ${share(coco.ar10)} of ten`],
  ]);
  stdout.write('\n');
  const rows = voc.classes.map(({ name, truths, ap }, label) => [
    name,
    formatCount(truths),
    share(ap),
    share(coco.classes[label]!.ap),
  ]);
  printTable(stdout, ['class', 'objects', 'AP (VOC)', 'AP (COCO)'], rows);
}
