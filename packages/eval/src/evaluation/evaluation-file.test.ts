import { Random } from '@resnet/core';
import { describe, expect, it } from 'vitest';
import {
  type EvaluationFile,
  formatEvaluationFile,
  mergeEvaluations,
  parseEvaluationFile,
} from '../index.js';
import { Tally } from '../metrics/tally.js';

function madeFile(): EvaluationFile {
  const random = new Random(1);
  const tally = new Tally(4, 3);
  for (let image = 0; image < 20; image++) {
    if (image === 10) tally.leaveOut();
    const scores = Float32Array.from({ length: 4 }, () => random.uniform());
    tally.add({ scores, kind: 'logits' }, random.int(4), [random.int(4)]);
  }
  const classNames = ['a', 'b', 'c', 'd'];
  return { subject: { network: 'resnet20' }, total: 30, classNames, evaluation: tally.result(2) };
}

describe('files of evaluations', () => {
  it('come back as they were', () => {
    const file = madeFile();
    expect(parseEvaluationFile(formatEvaluationFile(file), 'a.json')).toEqual(file);
  });

  it('keep a loss that is no number', () => {
    const tally = new Tally(2, 0);
    tally.add({ scores: Float32Array.of(Number.NaN, 1), kind: 'logits' }, 0);
    const text = formatEvaluationFile({ ...madeFile(), evaluation: tally.result(0) });
    expect(parseEvaluationFile(text, 'a.json').evaluation).toMatchObject({ loss: Number.NaN, top1Errors: 1 });
  });

  it('are refused with a reason where anything is wrong', () => {
    const text = formatEvaluationFile(madeFile());
    const wrong: [string, string][] = [
      ['', 'not JSON'],
      ['null', 'format'],
      [text.replace('resnet-evaluation', 'other'), 'format'],
      [text.replace('"version":1', '"version":2'), 'version is 2'],
      [text.replace('"total":30', '"total":22'), 'within the 22 images'],
      [text.replace(/"count":20(,"top1Errors":\d+,"top5Errors")/, '"count":21$1'), '21 images'],
      [text.replace('"calibration":[{"count":', '"calibration":[{"count":1'), '15 bins of 20 images'],
      [text.replace('"ranges":[[3,24]]', '"ranges":[[24,3]]'), 'ranges'],
      [text.replace('"broken":[13]', '"broken":[24]'), 'broken images must be indices'],
      [text.replace('"broken":[13]', '"broken":[13,13]'), 'broken images must be indices'],
      [text.replace('"broken":[13]', '"broken":[]'), 'must have 20 images'],
      [text.replace('"lossSum":', '"lossSum":"many","other":'), 'lossSum'],
    ];
    for (const [changed, message] of wrong) {
      expect(() => parseEvaluationFile(changed, 'a.json')).toThrow(
        expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining(message) }),
      );
    }
  });

  it('that strangers changed give coded errors, or files that can be merged', () => {
    const text = formatEvaluationFile(madeFile());
    const random = new Random(2);
    const pieces = ['null', '-1', '[]', '{}', '1e999', '"x"', '0.5', ''];
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      const numbers = [...text.matchAll(/-?\d+(\.\d+)?(e-?\d+)?|\[|\]|"[^"]*"/g)];
      const { 0: found, index } = numbers[random.int(numbers.length)]!;
      const piece = pieces[random.int(pieces.length)]!;
      const changed = text.slice(0, index) + piece + text.slice(index + found.length);
      try {
        mergeEvaluations([parseEvaluationFile(changed, 'a.json').evaluation]);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^DATA_INVALID|OPTION_INVALID$/) });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1500);
  });
});
