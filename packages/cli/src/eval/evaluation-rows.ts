import { defined, formatCount, formatPercent } from '@resnet/core';
import { calibrationError, type Evaluation, errorInterval, topErrors } from '@resnet/eval';
import { formatErrors } from '../shared/terminal/format.js';
import type { Row } from '../shared/terminal/print.js';

/** The numbers of an evaluation for people, as rows of a name and a value. */
export function evaluationRows(evaluation: Evaluation): Row[] {
  const { count, classes, top1Errors, top5Errors, loss, broken, realLabels } = evaluation;
  const errors = (wrong: number, of: number) => {
    const [low, high] = errorInterval(wrong, of);
    return `${formatErrors(wrong, of)}, 95 % interval ${formatPercent(low)} to ${formatPercent(high)}`;
  };
  return [
    ['top-1 error', errors(top1Errors, count)],
    ['top-5 error', classes > 5 ? errors(top5Errors, count) : undefined],
    ['real labels', realLabels && errors(realLabels.top1Errors, realLabels.count)],
    [
      'left out',
      broken && `${formatCount(broken.length)} broken ${broken.length === 1 ? 'image' : 'images'}`,
    ],
    ['loss', loss.toFixed(4)],
    ['calibration error', formatPercent(calibrationError(evaluation))],
  ];
}

/** The numbers of an evaluation for programs. */
export function evaluationJson(evaluation: Evaluation) {
  const { count, classes, top1Errors, top1Error, top5Errors, loss, broken, realLabels, seconds } = evaluation;
  return {
    count,
    /** Indices of broken images, which are left out. */
    broken: broken ?? [],
    top1Errors,
    top1Error,
    top1Interval: errorInterval(top1Errors, count),
    top5Errors,
    top5Error: top5Errors / count,
    /** Errors by k: the first is the top-1 error. */
    topErrors: Array.from({ length: Math.min(10, classes) }, (_, index) => topErrors(evaluation, index + 1)),
    loss,
    calibrationError: calibrationError(evaluation),
    ...defined({ realLabels }),
    seconds,
    imagesPerSecond: count / seconds,
  };
}
