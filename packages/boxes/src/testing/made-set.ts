import type { DetectedImage } from '../metrics/shared/detected-image.js';
import { Numbers } from './numbers.js';

/** Boxes of a class as tests write them: x1, y1, x2, y2 and what else is known. */
export interface WrittenBox {
  box: readonly [number, number, number, number];
  label?: number;
  score?: number;
  crowd?: number;
  difficult?: number;
  area?: number;
}

export function image(truths: readonly WrittenBox[], detections: readonly WrittenBox[]): DetectedImage {
  const valuesOf = (boxes: readonly WrittenBox[]) => ({
    boxes: Float64Array.from(boxes.flatMap(({ box }) => [...box])),
    labels: Int32Array.from(boxes, ({ label = 0 }) => label),
  });
  const areas = truths.map(({ area }) => area).filter((area) => area !== undefined);
  return {
    truth: {
      ...valuesOf(truths),
      crowd: Uint8Array.from(truths, ({ crowd = 0 }) => crowd),
      difficult: Uint8Array.from(truths, ({ difficult = 0 }) => difficult),
      ...(areas.length > 0 ? { areas: Float64Array.from(areas) } : {}),
    },
    detections: {
      ...valuesOf(detections),
      scores: Float64Array.from(detections, ({ score = 0.5 }) => score),
    },
  };
}

type Quarters = [number, number, number, number];

function madeBox(numbers: Numbers): Quarters {
  const sizes = [
    [32, 97],
    [128, 257],
    [384, 257],
  ] as const;
  const [least, range] = sizes[numbers.below(3)]!;
  const [width, height] = [least + numbers.below(range), least + numbers.below(range)];
  const [x, y] = [numbers.below(400), numbers.below(400)];
  return [x, y, x + width, y + height];
}

function moved(numbers: Numbers, [x1, y1, x2, y2]: Quarters): Quarters {
  const width = x2 - x1;
  const reach = [0, Math.floor(width / 16), Math.floor(width / 5)][numbers.below(3)]!;
  const [a, b, c, d] = [0, 1, 2, 3].map(() => numbers.below(2 * reach + 1) - reach) as Quarters;
  return [x1 + a, y1 + b, Math.max(x1 + a, x2 + c), Math.max(y1 + b, y2 + d)];
}

const pixels = (box: Quarters) => box.map((value) => value / 4) as Quarters;

/** The images of a set of scripts/fixtures/detection-metrics.py, and how many classes it has. */
export function madeSet(seed: number): { images: DetectedImage[]; classes: string[] } {
  const numbers = new Numbers(seed);
  const [count, classes] = [1 + numbers.below(6), 1 + numbers.below(4)];
  const images = Array.from({ length: count }, (_, index) => {
    const [truths, detections]: WrittenBox[][] = [[], []];
    const hasAreas = numbers.below(2) === 1;
    for (let left = numbers.below(6); left > 0; left--) {
      const [box, label] = [madeBox(numbers), numbers.below(classes)];
      const crowd = Number(numbers.below(8) === 0);
      const difficult = Number(numbers.below(6) === 0);
      const [x1, y1, x2, y2] = pixels(box);
      const area = ((x2 - x1) * (y2 - y1) * (2 + numbers.below(3))) / 4;
      truths!.push({ box: pixels(box), label, crowd, difficult, ...(hasAreas && { area }) });
      for (let copies = numbers.below(4); copies > 0; copies--) {
        const other = numbers.below(5) === 0 ? numbers.below(classes) : label;
        const near = pixels(moved(numbers, box));
        detections!.push({ box: near, label: other, score: numbers.below(20) / 20 });
      }
    }
    for (let extra = seed % 40 === 39 && index === 0 ? 130 : numbers.below(4); extra > 0; extra--) {
      const box = pixels(madeBox(numbers));
      detections!.push({ box, label: numbers.below(classes), score: numbers.below(20) / 20 });
    }
    return image(truths!, detections!);
  });
  return { images, classes: Array.from({ length: classes }, (_, index) => `class ${index}`) };
}
