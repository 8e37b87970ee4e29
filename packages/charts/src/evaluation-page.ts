import { formatCount } from '@resnet/core';
import type { EvaluationFile } from '@resnet/eval';
import { calibrationSection } from './page/calibration.js';
import { classErrorsSection } from './page/class-errors.js';
import { confusionsSection } from './page/confusions.js';
import { checkPicture, formatDocument, titleOf } from './page/document.js';
import { html } from './page/html.js';
import { mistakesSection } from './page/mistakes.js';
import { subjectSection } from './page/subject.js';
import { summarySection } from './page/summary.js';

/**
 * An evaluation as one HTML page: errors with intervals, errors of the classes, confusions, calibration and the worst
 * mistakes. The page loads no other files and has no scripts.
 *
 * @param pictures of the mistakes, by index in the set: URLs that begin with `data:image/`. Mistakes may lack one
 * @returns an HTML document
 * @throws OPTION_INVALID if a picture is anything else
 */
export async function formatEvaluationPage(
  file: EvaluationFile,
  pictures: ReadonlyMap<number, string>,
): Promise<string> {
  for (const [index, picture] of pictures) checkPicture(`image ${index}`, picture);
  const { subject, classNames, evaluation, total } = file;
  return formatDocument(
    titleOf(subject),
    html`<p>${formatCount(evaluation.count)} of ${formatCount(total)} images were evaluated.</p>
${subjectSection(subject)}
${summarySection(evaluation)}
${classErrorsSection(evaluation, classNames)}
${confusionsSection(evaluation, classNames)}
${await calibrationSection(evaluation)}
${mistakesSection(evaluation, classNames, pictures)}`,
  );
}
