import { formatCount, formatPercent } from '@resnet/core';
import type { MetricsRecord, Progress } from '@resnet/train';
import { formatDuration, formatSpeed } from '../terminal/format.js';
import type { Output } from '../terminal/io.js';
import { type Bar, startBar } from './progress-bar.js';

export interface TrainingLog {
  progress: (progress: Progress) => void;
  record: (record: MetricsRecord) => void;
  /** Ends the bar. May be called more than once. */
  stop: () => void;
}

/** Shows the progress of training: a bar on a terminal, or a line for each record where the stream is no terminal. */
export function startTrainingLog(
  stream: Output,
  iterations: number,
  score: TestScore = 'error',
): TrainingLog {
  return stream.isTTY ? barLog(stream, iterations, score) : lineLog(stream, iterations, score);
}

/** What tests are told by: their error, or what 1 − error is. */
type TestScore = 'error' | 'mAP' | 'recall';

function barLog(stream: Output, iterations: number, score: TestScore): TrainingLog {
  let bar: Bar | undefined;
  let tested = '';
  return {
    progress: ({ iteration, loss, error, imagesPerSecond, secondsLeft }) => {
      // Only the first step tells where a resumed run starts.
      bar ??= startBar(stream, iterations, iteration);
      const numbers = `loss ${loss.toFixed(3)}  error ${shortPercent(error)}${tested}`;
      bar.update(
        iteration,
        `${numbers}  ${formatSpeed(imagesPerSecond)}  ${formatDuration(secondsLeft)} left`,
      );
    },
    record: (record) => {
      if (record.kind === 'test') {
        const name = score === 'error' ? 'test' : `test ${score}`;
        tested = `  ${name} ${shortPercent(toldBy(record, score))}`;
      }
    },
    stop: () => bar?.stop(),
  };
}

function lineLog(stream: Output, iterations: number, score: TestScore): TrainingLog {
  let left = '';
  const total = formatCount(iterations);
  return {
    progress: ({ secondsLeft }) => {
      left = `, ${formatDuration(secondsLeft)} left`;
    },
    record: (record) => {
      const step = `${formatCount(record.iteration).padStart(total.length)} of ${total}`;
      const loss = record.loss === undefined ? '' : `loss ${record.loss.toFixed(4)}, `;
      const told = record.kind === 'test' ? score : 'error';
      const numbers = `${loss}${told} ${formatPercent(toldBy(record, told))}`;
      const rest =
        record.kind === 'train'
          ? `rate ${Number(record.learningRate.toPrecision(6))}, ${formatSpeed(record.imagesPerSecond)}${waits(record.waiting)}${left}`
          : `${formatCount(record.count)} images`;
      stream.write(`${step}  ${record.kind.padEnd(5)}  ${numbers}, ${rest}\n`);
    },
    stop: () => {},
  };
}

function toldBy({ error }: MetricsRecord, score: TestScore): number {
  return score === 'error' ? error : 1 - error;
}

/** Shown only once it takes noticeable time. */
function waits(share: number): string {
  return share < 0.02 ? '' : `, waits for data ${shortPercent(share)} of the time`;
}

/** With one decimal, so that the bar fits on its line. */
function shortPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
