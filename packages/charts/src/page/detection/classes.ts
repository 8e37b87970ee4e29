import type { CocoEvaluation, VocEvaluation } from '@resnet/boxes';
import { formatCount } from '@resnet/core';
import { drawPrecisionRecall } from '../../precision-recall.js';
import { className, isolatedClassName } from '../class-name.js';
import { Html, html } from '../html.js';
import { scrollable, table } from '../table.js';
import { share } from './average-precision.js';

/** More classes than these are not all listed. */
const MOST_ROWS = 100;
/** Curves that can be told apart. */
const MOST_CURVES = 10;

/** Average precision of each class, the lowest first, and precision against recall. */
export async function classesSection(
  voc: VocEvaluation,
  coco: CocoEvaluation,
  names: readonly string[],
): Promise<Html> {
  const wanted = [...names.keys()]
    .filter((label) => voc.classes[label]!.ap >= 0)
    .sort((a, b) => voc.classes[a]!.ap - voc.classes[b]!.ap);
  const without = names.length - wanted.length;
  const rows = wanted.slice(0, MOST_ROWS).map((label) => {
    const { truths, detections, ap } = voc.classes[label]!;
    const cocoAp = coco.classes[label]!.ap;
    const name = isolatedClassName(names, label);
    return [name, formatCount(truths), formatCount(detections), share(ap), share(cocoAp)];
  });
  const curves = wanted
    .slice(0, MOST_CURVES)
    .map((label) => ({ ...voc.classes[label]!, name: className(names, label) }));
  const which = (most: number) =>
    wanted.length > most
      ? `the ${most} of ${formatCount(wanted.length)} classes with the lowest`
      : 'each class, the lowest first';
  const label = `Precision against recall: ${which(MOST_CURVES)}`;
  return html`<section>
<h2>Classes</h2>
${without > 0 ? html`<p>Classes without an object in these images, which are not listed: ${formatCount(without)}.</p>` : ''}
${table(
  `Average precision of ${which(MOST_ROWS)}`,
  { class: 'text', objects: 'number', detections: 'number', 'AP (VOC)': 'number', 'AP (COCO)': 'number' },
  rows,
)}${curves.length > 0 ? scrollable('Precision against recall', html`<div class="chart" role="img" aria-label="${label}">${new Html((await drawPrecisionRecall('Precision against recall', curves)).trimEnd())}</div>`) : ''}</section>
`;
}
