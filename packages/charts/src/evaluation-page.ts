import { formatCount, ResnetError } from '@resnet/core';
import type { EvaluationFile } from '@resnet/eval';
import { calibrationSection } from './page/calibration.js';
import { classErrorsSection } from './page/class-errors.js';
import { confusionsSection } from './page/confusions.js';
import { Html, html } from './page/html.js';
import { mistakesSection } from './page/mistakes.js';
import { STYLE } from './page/style.js';
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
  for (const [index, picture] of pictures) checkPicture(index, picture);
  const { subject, classNames, evaluation, total } = file;
  const [first] = Object.values(subject);
  const title = first === undefined ? 'Evaluation' : `Evaluation of ${first}`;
  // The policy allows no scripts and no other files.
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${formatCount(evaluation.count)} of ${formatCount(total)} images were evaluated.</p>
${subjectSection(subject)}
${summarySection(evaluation)}
${classErrorsSection(evaluation, classNames)}
${confusionsSection(evaluation, classNames)}
${await calibrationSection(evaluation)}
${mistakesSection(evaluation, classNames, pictures)}</main>
</body>
</html>
`;
  return page.toString();
}

function checkPicture(index: number, picture: string): void {
  if (/^data:image\/[a-z0-9.+-]+[;,]/.test(picture)) return;
  throw new ResnetError(
    'OPTION_INVALID',
    `The picture of image ${index} must be a URL that begins with 'data:image/', found '${picture.slice(0, 40)}'.`,
  );
}
