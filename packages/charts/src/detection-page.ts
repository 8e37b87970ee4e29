import type { CocoEvaluation, VocEvaluation } from '@resnet/boxes';
import { formatCount } from '@resnet/core';
import { averagePrecisionSection } from './page/detection/average-precision.js';
import { classesSection } from './page/detection/classes.js';
import { detectionMistakesSection } from './page/detection/mistakes.js';
import type { MistakeSummary, ShownMistake } from './page/detection/summarize-mistakes.js';
import { checkPicture, formatDocument, titleOf } from './page/document.js';
import { html } from './page/html.js';
import { subjectSection } from './page/subject.js';

/** What a page of a detector is made of. */
export interface DetectionReport {
  /** What was tested, on what and how, a row each. */
  subject: Readonly<Record<string, string>>;
  classNames: readonly string[];
  /** Images that were looked at. */
  count: number;
  /** By the rule since 2010. */
  voc: VocEvaluation;
  voc2007: VocEvaluation;
  coco: CocoEvaluation;
  mistakes: MistakeSummary;
}

/**
 * What a detector finds and what it mistakes, as one HTML page: average precision, precision against recall, and the worst mistakes of
 * each kind. The page loads no other files and has no scripts.
 *
 * @param pictures of the mistakes that are shown: URLs that begin with `data:image/`. Mistakes may lack one
 * @returns an HTML document
 * @throws OPTION_INVALID if a picture is anything else
 */
export async function formatDetectionPage(
  { subject, classNames, count, voc, voc2007, coco, mistakes }: DetectionReport,
  pictures: ReadonlyMap<ShownMistake, string>,
): Promise<string> {
  for (const [{ name }, picture] of pictures) checkPicture(name, picture);
  return formatDocument(
    titleOf(subject),
    html`<p>${formatCount(count)} images were looked at.</p>
${subjectSection(subject)}
${averagePrecisionSection(voc, voc2007, coco)}
${await classesSection(voc, coco, classNames)}
${detectionMistakesSection(mistakes, classNames, pictures)}`,
  );
}
