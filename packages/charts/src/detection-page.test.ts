import { type DetectedImage, evaluateCoco, evaluateVoc } from '@resnet/boxes';
import { Random } from '@resnet/core';
import { describe, expect, it } from 'vitest';
import { formatDetectionPage, summarizeMistakes } from './page.js';

/** Two objects in each image; the later images are found less well. */
function madeImages(count: number, classes: number): DetectedImage[] {
  const random = new Random(4);
  return Array.from({ length: count }, (_, index) => {
    const labels = [random.int(classes), random.int(classes)];
    const boxes = [0, 0, 40, 40, 100, 0, 180, 60];
    const shift = (index * 30) / count;
    const found = [...labels, 0];
    return {
      ...{ truth: { boxes, labels }, name: `image-${index}.jpg` },
      detections: {
        ...{ boxes: [shift, 0, 40 + shift, 40, 100, shift, 180, 60 + shift, 300, 0, 320, 20], labels: found },
        scores: found.map(() => random.uniform()),
      },
    };
  });
}

function reportOf(
  images: DetectedImage[],
  classNames: string[],
  subject: Record<string, string> = { detector: 'resnet18-small' },
) {
  const classes = classNames;
  return {
    ...{ subject, classNames, count: images.length, coco: evaluateCoco(images, { classes }) },
    voc: evaluateVoc(images, { classes, kind: '2010' }),
    voc2007: evaluateVoc(images, { classes, kind: '2007' }),
    mistakes: summarizeMistakes(images, classNames),
  };
}

describe('formatDetectionPage', () => {
  it('has the numbers, the curves, and the mistakes with their pictures', async () => {
    const report = reportOf(madeImages(30, 2), ['cat', 'dog', 'never seen']);
    const [first] = report.mistakes.shown;
    const page = await formatDetectionPage(report, new Map([[first!, 'data:image/jpeg;base64,AAAA']]));
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
    for (const value of [report.voc.map, report.voc2007.map, report.coco.ap, report.coco.ar10]) {
      expect(page).toContain(`<td class="number">${percent(value)}</td>`);
    }
    expect(page).toContain('30 images were looked at.');
    expect(page).toContain('Classes without an object in these images, which are not listed: 1.');
    expect(page).toContain('>recall (%)</text>');
    expect(page).toContain(`alt="${first!.name}: `);
    expect(page.match(/<figure>/g)).toHaveLength(report.mistakes.shown.length);
    expect(page.match(/no picture/g)).toHaveLength(report.mistakes.shown.length - 1);
  });

  it('escapes names, and takes only pictures', async () => {
    const hostile = '<script>alert(1)</script>';
    const report = reportOf(madeImages(5, 2), [hostile, '"&'], { [hostile]: hostile });
    const page = await formatDetectionPage(report, new Map());
    expect(page).not.toContain('<script');
    const pictures = new Map([[report.mistakes.shown[0]!, 'javascript:alert(1)']]);
    await expect(formatDetectionPage(report, pictures)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('draws the ten classes with the lowest average precision of many, and takes images without objects', async () => {
    const names = Array.from({ length: 30 }, (_, label) => `kind ${label}`);
    const page = await formatDetectionPage(reportOf(madeImages(300, 30), names), new Map());
    expect(page).toContain('the 10 of 30 classes with the lowest');
    const nothing = { truth: { boxes: [], labels: [] }, detections: { boxes: [], labels: [], scores: [] } };
    expect(await formatDetectionPage(reportOf([nothing], ['cat']), new Map())).toContain('nothing to find');
  });
});
