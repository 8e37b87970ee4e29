import { formatCount, formatPercent } from '@resnet/core';
import { calibrationError, type Evaluation, topErrors } from '@resnet/eval';
import { type Html, html } from './html.js';
import { formatInterval, formatNumber } from './numbers.js';
import { table } from './table.js';

/** Errors, loss and calibration over all images. */
export function summarySection(evaluation: Evaluation): Html {
  const { count, classes, loss, realLabels } = evaluation;
  const errorRow = (name: string, errors: number, of: number) => [
    name,
    formatPercent(errors / of),
    `${formatCount(errors)} of ${formatCount(of)}`,
    formatInterval(errors, of),
  ];
  const rows = [
    errorRow('top-1 error', topErrors(evaluation, 1), count),
    // The label is always among the five highest scores of five.
    ...(classes > 5 ? [errorRow('top-5 error', topErrors(evaluation, 5), count)] : []),
    ...(realLabels ? [errorRow('error by real labels', realLabels.top1Errors, realLabels.count)] : []),
    ['mean negative log-likelihood', formatNumber(loss), '', ''],
    ['calibration error', formatPercent(calibrationError(evaluation)), '', ''],
  ];
  return html`<section>
<h2>Summary</h2>
${table(
  'Errors over all evaluated images',
  { measure: 'text', value: 'number', images: 'number', '95 % interval': 'number' },
  rows,
)}</section>
`;
}
