import type { CocoEvaluation, VocEvaluation } from '@resnet/boxes';
import { formatPercent } from '@resnet/core';
import { type Html, html } from '../html.js';
import { table } from '../table.js';

/** The numbers by which detectors are compared. */
export function averagePrecisionSection(
  voc2010: VocEvaluation,
  voc2007: VocEvaluation,
  coco: CocoEvaluation,
): Html {
  const rows = [
    ['mAP of VOC, since 2010', share(voc2010.map), 'overlap above 0.5'],
    ['mAP of VOC 2007', share(voc2007.map), 'overlap above 0.5, precision at 11 recalls'],
    ['AP of COCO', share(coco.ap), 'mean over overlaps of 0.5 to 0.95'],
    ['AP at 0.5', share(coco.ap50), 'overlap of 0.5 or more'],
    ['AP at 0.75', share(coco.ap75), 'overlap of 0.75 or more'],
    ['AP of small objects', share(coco.apSmall), 'up to 32 × 32 pixels'],
    ['AP of medium objects', share(coco.apMedium), 'up to 96 × 96 pixels'],
    ['AP of large objects', share(coco.apLarge), 'larger'],
    ['recall with 1 detection', share(coco.ar1), 'of each image and class'],
    ['recall with 10 detections', share(coco.ar10), 'of each image and class'],
    ['recall with 100 detections', share(coco.ar), 'of each image and class'],
    ['recall of small objects', share(coco.arSmall), ''],
    ['recall of medium objects', share(coco.arMedium), ''],
    ['recall of large objects', share(coco.arLarge), ''],
  ];
  return html`<section>
<h2>Average precision</h2>
${table('By the rules of PASCAL VOC and COCO, means over classes', { measure: 'text', value: 'number', counted: 'text' }, rows)}</section>
`;
}

/** Where there is nothing to find, there is no share. */
export function share(value: number): string {
  return value < 0 ? 'nothing to find' : formatPercent(value);
}
