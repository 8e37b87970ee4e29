import { formatCount, formatPercent } from '@resnet/core';
import { classErrors, confusionMatrix, type Evaluation } from '@resnet/eval';
import { isolatedClassName } from './class-name.js';
import { type Html, html } from './html.js';
import { scrollable, table } from './table.js';

/** The most classes of which a matrix can be read. */
const MOST_OF_MATRIX = 40;
const MOST_FREQUENT = 50;

/** Which classes are taken for which: a matrix, or the most frequent pairs of many classes. */
export function confusionsSection(evaluation: Evaluation, classNames: readonly string[]): Html {
  const isMatrix = evaluation.classes <= MOST_OF_MATRIX;
  return html`<section>
<h2>Confusions</h2>
${isMatrix ? matrix(evaluation, classNames) : mostFrequent(evaluation, classNames)}</section>
`;
}

function matrix(evaluation: Evaluation, classNames: readonly string[]): Html {
  const { classes } = evaluation;
  const counts = confusionMatrix(evaluation);
  const names = Array.from({ length: classes }, (_, label) => isolatedClassName(classNames, label));
  const rows = names.map((name, label) => {
    const row = counts.subarray(label * classes, (label + 1) * classes);
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = Array.from(row, (count, predicted) => {
      if (count === 0) return html`<td class="none">0</td>`;
      const kind = predicted === label ? 'right' : 'wrong';
      const share = (count / total).toFixed(3);
      return html`<td class="${kind}" style="--share:${share}">${formatCount(count)}</td>`;
    });
    return html`<tr><th scope="row">${name}</th>${cells}</tr>\n`;
  });
  const caption = 'Images by label (rows) and predicted class (columns), shaded by share of the row';
  return scrollable(
    caption,
    html`<table class="matrix"><caption>${caption}</caption>
<thead><tr><td></td>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows}</tbody></table>`,
  );
}

function mostFrequent(evaluation: Evaluation, classNames: readonly string[]): Html {
  const totals = new Map(classErrors(evaluation).map(({ label, count }) => [label, count]));
  const wrong = evaluation.confusions
    .filter(([label, predicted]) => label !== predicted)
    .sort((a, b) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1]);
  if (wrong.length === 0) return html`<p>No class was taken for another.</p>\n`;
  const listed = wrong.slice(0, MOST_FREQUENT);
  const which =
    listed.length < wrong.length
      ? `The ${MOST_FREQUENT} most frequent of ${formatCount(wrong.length)} confusions`
      : 'All confusions, the most frequent first';
  return table(
    which,
    { label: 'text', predicted: 'text', images: 'number', 'share of the label’s images': 'number' },
    listed.map(([label, predicted, count]) => [
      isolatedClassName(classNames, label),
      isolatedClassName(classNames, predicted),
      formatCount(count),
      formatPercent(count / totals.get(label)!),
    ]),
  );
}
