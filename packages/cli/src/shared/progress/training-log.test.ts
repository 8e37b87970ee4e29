import type { MetricsRecord, Progress, TrainRecord } from '@resnet/train';
import { describe, expect, it } from 'vitest';
import { TextStream } from '../../test-support.js';
import { startTrainingLog } from './training-log.js';

const progress: Progress = {
  iteration: 20,
  iterations: 1000,
  epoch: 0.1,
  loss: 1.234_56,
  error: 0.5,
  learningRate: 0.1,
  imagesPerSecond: 812,
  waiting: 0.01,
  secondsLeft: 65,
};
const { iteration, epoch, loss, error, learningRate, imagesPerSecond, waiting } = progress;
const trained: TrainRecord = {
  kind: 'train',
  iteration,
  epoch,
  loss,
  error,
  learningRate,
  imagesPerSecond,
  waiting,
  seconds: { data: 0, forward: 1, backward: 2, update: 1 },
};
const tested: MetricsRecord = { kind: 'test', iteration, epoch, loss: 0.5, error: 0.054, count: 1000 };

describe('startTrainingLog', () => {
  it('writes one plain line a record where the stream is no terminal', () => {
    const stream = new TextStream();
    const log = startTrainingLog(stream, 1000);
    log.progress(progress);
    log.record(trained);
    log.record(tested);
    log.record({ ...trained, waiting: 0.123 });
    log.stop();
    expect(stream.text).toBe(
      '   20 of 1,000  train  loss 1.2346, error 50.00 %, rate 0.1, 812 images/s, 1:05 left\n' +
        '   20 of 1,000  test   loss 0.5000, error 5.40 %, 1,000 images\n' +
        '   20 of 1,000  train  loss 1.2346, error 50.00 %, rate 0.1, 812 images/s, waits for data 12.3 % of the time, 1:05 left\n',
    );
  });

  it.each([80, 120])('shows a bar that fits a terminal of %i columns', (columns) => {
    const stream = Object.assign(new TextStream(), { isTTY: true, columns });
    const log = startTrainingLog(stream, 1000);
    log.record(tested);
    log.progress(progress);
    log.stop();
    log.stop();
    const frames = stream.text
      .split('[')
      .map((frame) => `[${frame}`)
      .filter((frame) => frame.includes('left'));
    const last = frames.at(-1)!;
    expect(last).toContain('20/1,000 loss 1.235  error 50.0 %  test 5.4 %  812 images/s  1:05 left');
    expect(last.split('left')[0]!.length + 'left'.length).toBeLessThanOrEqual(columns);
  });
});
