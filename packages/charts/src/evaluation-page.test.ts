import { Random } from '@resnet/core';
import {
  calibrationError,
  classErrors,
  type Evaluation,
  type EvaluationFile,
  errorInterval,
} from '@resnet/eval';
import { describe, expect, it } from 'vitest';
import { Tally } from '../../eval/src/metrics/tally.js';
import { formatEvaluationPage } from './evaluation-page.js';

const picture = 'data:image/png;base64,AAAA';

/** Random scores that favor the label, the later classes' less. */
function madeEvaluation(classes: number, images: number, hasRealLabels = false): Evaluation {
  const random = new Random(classes, images);
  const tally = new Tally(classes, 0);
  for (let image = 0; image < images; image++) {
    const label = image % classes;
    const scores = Float32Array.from({ length: classes }, () => 2 * random.normal());
    scores[label]! += 5 - (4 * label) / classes;
    tally.add({ scores, kind: 'logits' }, label, hasRealLabels ? [random.int(classes)] : undefined);
  }
  return tally.result(2);
}

function madeFile(evaluation: Evaluation, entries: Partial<EvaluationFile> = {}): EvaluationFile {
  const classNames = Array.from({ length: evaluation.classes }, (_, label) => `kind ${label}`);
  return { subject: { network: 'resnet20' }, total: evaluation.count, classNames, evaluation, ...entries };
}

const pageOf = (evaluation: Evaluation, entries?: Partial<EvaluationFile>) =>
  formatEvaluationPage(madeFile(evaluation, entries), new Map());

/** What is between tags, as it is read. */
const textOf = (part: string) =>
  part
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .trim();

/** The cells of a table's body. */
function rowsOf(page: string, caption: string): string[][] {
  const [, body] = new RegExp(`<caption>${caption}.*?<tbody>(.*?)</tbody>`, 's').exec(page)!;
  return [...body!.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => textOf(cell!)),
  );
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const interval = (errors: number, count: number) => {
  const [low, high] = errorInterval(errors, count);
  return `${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)} %`;
};

const voidTags = new Set(['meta', 'img']);

/** Throws unless every `<` begins a tag with quoted attributes, and every element is closed where it must be. */
function checkForm(page: string): void {
  expect(page.startsWith('<!doctype html>\n')).toBe(true);
  const body = page.slice('<!doctype html>'.length);
  const tags = [...body.matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/g)];
  expect(tags.length).toBe(body.split('<').length - 1);
  const open: string[] = [];
  for (const [tag, isEnd, name, attributes, isEmpty] of tags) {
    const names = [...attributes!.matchAll(/([\w:-]+)="/g)].map(([, attribute]) => attribute);
    expect(new Set(names).size, tag).toBe(names.length);
    if (isEnd) expect(name).toBe(open.pop());
    else if (!isEmpty && !voidTags.has(name!)) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(body).not.toMatch(/&(?!#\d+;|amp;|lt;|gt;)/);
}

describe('formatEvaluationPage', () => {
  it('has the numbers of the evaluation', async () => {
    const evaluation = madeEvaluation(12, 600, true);
    const { count, top1Errors, top5Errors, loss, realLabels } = evaluation;
    const page = await pageOf(evaluation, {
      subject: { network: 'resnet20', data: 'Made & test' },
      total: 12_000,
    });
    checkForm(page);
    expect(page).toContain('<title>Evaluation of resnet20</title>');
    expect(page).toContain('600 of 12,000 images were evaluated.');
    expect(rowsOf(page, 'What was evaluated')).toEqual([
      ['network', 'resnet20'],
      ['data', 'Made & test'],
    ]);
    expect(rowsOf(page, 'Errors over all')).toEqual([
      ['top-1 error', percent(top1Errors / count), `${top1Errors} of 600`, interval(top1Errors, count)],
      ['top-5 error', percent(top5Errors / count), `${top5Errors} of 600`, interval(top5Errors, count)],
      [
        'error by real labels',
        percent(realLabels!.top1Errors / 600),
        `${realLabels!.top1Errors} of 600`,
        interval(realLabels!.top1Errors, 600),
      ],
      ['mean negative log-likelihood', loss.toFixed(4), '', ''],
      ['calibration error', percent(calibrationError(evaluation)), '', ''],
    ]);

    const classes = rowsOf(page, 'Top-1 error of each class');
    const errors = classes.map((row) => Number.parseFloat(row[3]!));
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(classes.toSorted()).toEqual(
      classErrors(evaluation)
        .map(({ label, count, top1Errors }) => [
          `kind ${label}`,
          `${count}`,
          `${top1Errors}`,
          percent(top1Errors / count),
          interval(top1Errors, count),
        ])
        .toSorted(),
    );

    const matrix = rowsOf(page, 'Images by label');
    expect(matrix).toHaveLength(12);
    for (const [label, [name, ...cells]] of matrix.entries()) {
      expect(name).toBe(`kind ${label}`);
      const expected = Array(12).fill('0');
      for (const [row, predicted, count] of evaluation.confusions)
        if (row === label) expected[predicted] = `${count}`;
      expect(cells).toEqual(expected);
    }

    expect(rowsOf(page, 'Images by the probability')).toEqual(
      evaluation.calibration.flatMap((bin, place) =>
        bin.count === 0
          ? []
          : [
              [
                `${((100 * place) / 15).toFixed(1)} to ${((100 * place + 100) / 15).toFixed(1)} %`,
                `${bin.count}`,
                percent(bin.probabilitySum / bin.count),
                percent(bin.right / bin.count),
              ],
            ],
      ),
    );
  });

  it('draws calibration: shares of right predictions, the diagonal dashed, images', async () => {
    const evaluation = madeEvaluation(3, 500);
    const page = await pageOf(evaluation);
    // The frame is 560 × 340.
    const filled = evaluation.calibration.filter(({ count }) => count > 0);
    const expected = filled.map((bin) => [
      (560 * bin.probabilitySum) / bin.count,
      340 * (1 - bin.right / bin.count),
    ]);
    const [, path] = /<path d="(M[^"Z]*)" stroke="#4c78a8"/.exec(page)!;
    const points = path!
      .slice(1)
      .split('L')
      .map((point) => point.split(',').map(Number));
    expect(points).toHaveLength(expected.length);
    for (const [place, [x, y]] of points.entries()) {
      expect(x).toBeCloseTo(expected[place]![0]!, 1);
      expect(y).toBeCloseTo(expected[place]![1]!, 1);
    }
    expect(page).toMatch(/<path d="M0,340L560,0" stroke="#444"[^>]* stroke-dasharray="5,4"/);
    const [, steps] = /<path d="(M[^"Z]*)" stroke="#f58518"/.exec(page)!;
    expect(steps!.split('L')).toHaveLength(30);
  });

  it('shows the worst mistakes with their pictures', async () => {
    const evaluation = madeEvaluation(3, 100);
    const [first, second] = evaluation.mistakes;
    const page = await formatEvaluationPage(madeFile(evaluation), new Map([[first!.index, picture]]));
    checkForm(page);
    const figures = [...page.matchAll(/<figure>(.*?)<\/figure>/gs)].map(([, figure]) => figure!);
    expect(figures).toHaveLength(evaluation.mistakes.length);
    const { index, label, predicted, probability, labelProbability } = first!;
    expect(figures[0]).toContain(
      `<img src="${picture}" alt="Image ${index}, of kind ${label}, taken for kind ${predicted}"`,
    );
    expect(textOf(figures[0]!).split('\n')).toEqual([
      `label kind ${label} (${percent(labelProbability)})`,
      `predicted kind ${predicted} (${percent(probability)})`,
      `image ${index}`,
    ]);
    expect(figures[1]).not.toContain('<img');
    expect(textOf(figures[1]!)).toMatch(
      new RegExp(`^no picture\nlabel kind ${second!.label} .*image ${second!.index}$`, 's'),
    );
  });

  it('takes names from strangers as texts, and loads and runs nothing', async () => {
    const hostile = [
      '<script>alert(1)</script>',
      `"><img src=x onerror='alert(1)'>`,
      'javascript:alert(1)',
      '</style></title></svg><!--',
      '\u202ethgir ot\u0000 tfel',
      '&amp;'.repeat(500),
    ];
    const evaluation = madeEvaluation(6, 60);
    const pictures = new Map([[evaluation.mistakes[0]!.index, picture]]);
    const subject = Object.fromEntries(hostile.map((text) => [text, text]));
    const page = await formatEvaluationPage(madeFile(evaluation, { subject, classNames: hostile }), pictures);
    checkForm(page);
    expect(page).not.toMatch(/<script|<link|<iframe|<!--|\bhref=|\bsrcset=|@import/i);
    expect(page).not.toMatch(/<[^>]*\son\w+=/);
    expect([...page.matchAll(/\bsrc="([^"]*)"/g)].map(([, address]) => address)).toEqual([picture]);
    // xmlns is a name, no address that would be loaded.
    expect(page.replaceAll(/ xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:|url\((?!#)/);
    expect(page).toContain(
      `Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`,
    );
    const names = hostile.map((text) => text.replace('\u0000', '\ufffd'));
    expect(rowsOf(page, 'What was evaluated')).toEqual(names.map((text) => [text, text]));
    expect(rowsOf(page, 'Images by label').map(([text]) => text)).toEqual(names);
  });

  it('calls a class by its number where its name says no more', async () => {
    const page = await pageOf(madeEvaluation(4, 20), { classNames: ['7', ' ', 'cat'] });
    expect(rowsOf(page, 'Images by label').map(([name]) => name)).toEqual([
      'class 7',
      'class 1',
      'cat',
      'class 3',
    ]);
  });

  it.each([
    'https://example.org/a.png',
    'javascript:alert(1)',
    'data:text/html,<script>',
    'data:image/',
    ' data:image/png;base64,AA',
    '',
  ])('refuses the picture %j', async (address) => {
    const pictures = new Map([[0, address]]);
    await expect(formatEvaluationPage(madeFile(madeEvaluation(2, 4)), pictures)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('image 0'),
    });
  });

  it('stays short with a thousand classes', async () => {
    const evaluation = madeEvaluation(1000, 3000);
    const page = await pageOf(evaluation);
    checkForm(page);
    expect(page.length).toBeLessThan(200_000);
    const worst = classErrors(evaluation).filter(({ count, top1Errors }) => top1Errors === count);
    expect(worst.length).toBeGreaterThan(50);
    const classes = rowsOf(page, 'The 50 classes of 1,000 with the largest top-1 error');
    expect(classes.map(([name]) => name)).toEqual(worst.slice(0, 50).map(({ label }) => `kind ${label}`));

    const frequent = rowsOf(page, 'The 50 most frequent of [\\d,]+ confusions');
    expect(frequent).toHaveLength(50);
    const counts = evaluation.confusions
      .filter(([label, predicted]) => label !== predicted)
      .map(([, , count]) => count);
    const expected = counts.sort((a, b) => b - a).slice(0, 50);
    expect(frequent.map(([, , count]) => Number(count))).toEqual(expected);
    // Each class has 3 images.
    expect(frequent.map((row) => row[3])).toEqual(expected.map((count) => percent(count / 3)));
  });

  it('has a matrix of up to 40 classes, and no top-5 error of up to 5', async () => {
    expect(rowsOf(await pageOf(madeEvaluation(40, 80)), 'Images by label')).toHaveLength(40);
    const many = await pageOf(madeEvaluation(41, 41));
    expect(many).not.toContain('class="matrix"');
    expect(many).toContain('All confusions, the most frequent first');
    expect(await pageOf(madeEvaluation(5, 10))).not.toContain('top-5');
    expect(await pageOf(madeEvaluation(6, 10))).toContain('top-5');
  });

  it('holds where there is one class, no mistake, no image or no subject', async () => {
    const one = await pageOf(madeEvaluation(1, 3), { subject: {} });
    checkForm(one);
    expect(one).toContain('<title>Evaluation</title>');
    expect(one).toContain('No image was mistaken.');
    expect(rowsOf(one, 'Images by label')).toEqual([['kind 0', '3']]);

    const right = new Tally(50, 0);
    right.add({ scores: Float32Array.from({ length: 50 }, (_, place) => -place), kind: 'logits' }, 0);
    const page = await pageOf(right.result(1));
    checkForm(page);
    expect(page).toContain('No class was taken for another.');

    const none = await pageOf(new Tally(3, 0).result(0), { total: 9 });
    checkForm(none);
    expect(none).toContain('0 of 9 images were evaluated.');
    expect(rowsOf(none, 'Errors over all')[0]).toEqual(['top-1 error', 'not a number', '0 of 0', '']);
  });

  it('holds where scores are not numbers', async () => {
    const tally = new Tally(6, 0);
    tally.add({ scores: new Float32Array(6).fill(Number.NaN), kind: 'logits' }, 1);
    tally.add({ scores: Float32Array.of(1, 0, 0, 0, 0, 0), kind: 'probabilities' }, 1);
    const evaluation = tally.result(1);
    expect([evaluation.lossSum, calibrationError(evaluation)]).toEqual([Number.NaN, Number.NaN]);
    const page = await pageOf(evaluation);
    checkForm(page);
    expect(page).not.toContain('NaN');
    const rows = rowsOf(page, 'Errors over all');
    expect(rows.at(-2)).toEqual(['mean negative log-likelihood', 'not a number', '', '']);
    expect(rows.at(-1)).toEqual(['calibration error', 'not a number', '', '']);
  });
});
