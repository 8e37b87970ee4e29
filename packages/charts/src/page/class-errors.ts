import { formatCount, formatPercent } from '@resnet/core';
import { classErrors, type Evaluation } from '@resnet/eval';
import { isolatedClassName } from './class-name.js';
import { type Html, html } from './html.js';
import { formatInterval } from './numbers.js';
import { table } from './table.js';

/** More classes than these are not all listed. */
const ALL_OF = 100;
const WORST = 50;

/** The error of each class, the worst first. */
export function classErrorsSection(evaluation: Evaluation, classNames: readonly string[]): Html {
  const classes = classErrors(evaluation).sort(
    (a, b) => b.top1Errors / b.count - a.top1Errors / a.count || b.count - a.count || a.label - b.label,
  );
  const listed = classes.length > ALL_OF ? classes.slice(0, WORST) : classes;
  const which =
    listed.length < classes.length
      ? `The ${WORST} classes of ${formatCount(classes.length)} with the largest top-1 error`
      : 'Top-1 error of each class, the largest first';
  return html`<section>
<h2>Errors by class</h2>
${table(
  which,
  { class: 'text', images: 'number', wrong: 'number', error: 'number', '95 % interval': 'number' },
  listed.map(({ label, count, top1Errors }) => [
    isolatedClassName(classNames, label),
    formatCount(count),
    formatCount(top1Errors),
    formatPercent(top1Errors / count),
    formatInterval(top1Errors, count),
  ]),
)}</section>
`;
}
