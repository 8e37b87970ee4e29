import { formatCount, formatPercent } from '@resnet/core';
import type { Evaluation, Mistake } from '@resnet/eval';
import { className, isolatedClassName } from './class-name.js';
import { type Html, html } from './html.js';

/** The images whose label had the lowest probability. @param pictures `data:` URLs by index in the set */
export function mistakesSection(
  { mistakes, top1Errors }: Evaluation,
  classNames: readonly string[],
  pictures: ReadonlyMap<number, string>,
): Html {
  const which =
    mistakes.length === 0
      ? 'No image was mistaken.'
      : `${formatCount(mistakes.length)} of ${formatCount(top1Errors)} mistakes, by the probability of the label, the lowest first.`;
  return html`<section>
<h2>Worst mistakes</h2>
<p>${which}</p>
<div class="mistakes">
${mistakes.map((mistake) => figure(mistake, classNames, pictures.get(mistake.index)))}</div>
</section>
`;
}

function figure(mistake: Mistake, classNames: readonly string[], picture: string | undefined): Html {
  const { index, probability, labelProbability } = mistake;
  const label = className(classNames, mistake.label);
  const predicted = className(classNames, mistake.predicted);
  const shown =
    picture === undefined
      ? html`<div class="missing">no picture</div>`
      : html`<img src="${picture}" alt="Image ${index}, of ${label}, taken for ${predicted}" loading="lazy">`;
  return html`<figure>${shown}<figcaption>
<div>label ${isolatedClassName(classNames, mistake.label)} <span class="share">(${formatPercent(labelProbability)})</span></div>
<div>predicted ${isolatedClassName(classNames, mistake.predicted)} <span class="share">(${formatPercent(probability)})</span></div>
<div class="index">image ${index}</div>
</figcaption></figure>
`;
}
