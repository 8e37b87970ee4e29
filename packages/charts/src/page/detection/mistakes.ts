import type { MistakeKind } from '@resnet/boxes';
import { formatCount, formatPercent } from '@resnet/core';
import { className, isolatedClassName } from '../class-name.js';
import { type Html, html } from '../html.js';
import { table } from '../table.js';
import { KINDS, type MistakeSummary, type ShownMistake } from './summarize-mistakes.js';

const WORDS: Readonly<Record<MistakeKind, readonly [title: string, meaning: string]>> = {
  class: ['wrong class', 'the box is right, the class is not'],
  both: ['wrong class and box', 'an object of another class is near'],
  localization: ['inexact box', 'the class is right, the box overlaps the object by less than 0.5'],
  duplicate: ['found twice', 'a surer detection has found the object'],
  background: ['nothing there', 'no object is near'],
  missed: ['missed', 'no detection of the object, not even with a wrong class or box'],
};

/** How many mistakes there are of each kind, and the worst ones. @param pictures `data:` URLs */
export function detectionMistakesSection(
  { score, matches, counts, shown }: MistakeSummary,
  names: readonly string[],
  pictures: ReadonlyMap<ShownMistake, string>,
): Html {
  const rows = KINDS.map((kind) => [WORDS[kind][0], formatCount(counts[kind]), WORDS[kind][1]]);
  return html`<section>
<h2>Mistakes</h2>
<p>Detections with a probability of at least ${formatPercent(score)} count here: ${formatCount(matches)} found their objects. The
surest mistakes of each kind are shown, the <span class="detected">detection</span> and the <span class="object">object</span>.</p>
${table('Mistakes by kind', { mistake: 'text', count: 'number', 'what it is': 'text' }, rows)}${KINDS.map(
  (kind) =>
    gallery(
      WORDS[kind][0],
      shown.filter((mistake) => mistake.kind === kind),
      names,
      pictures,
    ),
)}</section>
`;
}

function gallery(
  title: string,
  shown: readonly ShownMistake[],
  names: readonly string[],
  pictures: ReadonlyMap<ShownMistake, string>,
): Html {
  if (shown.length === 0) return html``;
  return html`<h3>${title}</h3>
<div class="mistakes">
${shown.map((mistake) => figure(mistake, names, pictures.get(mistake)))}</div>
`;
}

function figure(
  { detected, object, overlap, name }: ShownMistake,
  names: readonly string[],
  picture: string | undefined,
): Html {
  const words = [
    ...(detected ? [`${className(names, detected.label)} detected`] : []),
    ...(object ? [`an object of the class ${className(names, object.label)}`] : []),
  ];
  const seen =
    picture === undefined
      ? html`<div class="missing">no picture</div>`
      : html`<img src="${picture}" alt="${name}: ${words.join(', ')}" loading="lazy">`;
  const lines = [
    ...(detected
      ? [
          html`<div><span class="detected">detected</span> ${isolatedClassName(names, detected.label)} <span class="share">(${formatPercent(detected.score)})</span></div>\n`,
        ]
      : []),
    ...(object
      ? [
          html`<div><span class="object">object</span> ${isolatedClassName(names, object.label)}${overlap === undefined ? '' : html` <span class="share">overlap ${overlap.toFixed(2)}</span>`}</div>\n`,
        ]
      : []),
  ];
  return html`<figure>${seen}<figcaption>
${lines}<div class="index">${name}</div>
</figcaption></figure>
`;
}
