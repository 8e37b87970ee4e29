import { formatCount, formatPercent } from '@resnet/core';
import { calibrationError, type Evaluation, errorInterval, topErrors } from '@resnet/eval';
import { formatErrors } from '../shared/terminal/format.js';

/** The numbers of an evaluation for people, as rows of a name and a value. */
export function evaluationRows(evaluation: Evaluation): [name: string, value: string][] {
  const { count, classes, top1Errors, top5Errors, loss, broken, realLabels } = evaluation;
  const errors = (wrong: number, of: number) => {
    const [low, high] = errorInterval(wrong, of);
    return `${formatErrors(wrong, of)}, 95 % interval ${formatPercent(low)} to ${formatPercent(high)}`;
  };
  return [
    ['top-1 error', errors(top1Errors, count)],
    ...(classes > 5 ? [['top-5 error', errors(top5Errors, count)] as [string, string]] : []),
    ...(realLabels
      ? [['real labels', errors(realLabels.top1Errors, realLabels.count)] as [string, string]]
      : []),
    ...(broken ? [['left out', brokenText(broken.length)] as [string, string]] : []),
    ['loss', loss.toFixed(4)],
    ['calibration error', formatPercent(calibrationError(evaluation))],
  ];
}

function brokenText(count: number): string {
  return `${formatCount(count)} broken ${count === 1 ? 'image' : 'images'}`;
}

/** The numbers of an evaluation for programs. */
export function evaluationJson(evaluation: Evaluation) {
  const { count, classes, top1Errors, top1Error, top5Errors, loss, broken, realLabels, seconds } = evaluation;
  return {
    count,
    /** Places of broken images, which are left out. */
    broken: broken ?? [],
    top1Errors,
    top1Error,
    top1Interval: errorInterval(top1Errors, count),
    top5Errors,
    top5Error: top5Errors / count,
    /** Errors by k: the first is the top-1 error. */
    topErrors: Array.from({ length: Math.min(10, classes) }, (_, place) => topErrors(evaluation, place + 1)),
    loss,
    calibrationError: calibrationError(evaluation),
    ...(realLabels ? { realLabels } : {}),
    seconds,
    imagesPerSecond: count / seconds,
  };
}
