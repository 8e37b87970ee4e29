import { ResnetError } from '@resnet/core';
import { writeWholeFile } from '@resnet/files/node';
import { Fields } from './fields.js';
import { readJsonRecords } from './json-records.js';
import type { CocoDataset } from './read-coco.js';

const MOST_RESULTS = 10_000_000;
/** Results that are turned into text at a time. */
const AT_ONCE = 10_000;

/** Objects that a detector has found in an image. */
export interface DetectedObjects {
  /** x1, y1, x2, y2 of each, in pixels of the image as it is stored. */
  boxes: ArrayLike<number>;
  /** Indices into the set's classes. */
  labels: ArrayLike<number>;
  scores: ArrayLike<number>;
}

/** The numbers that files of results use, and the set's name for messages. */
type CocoIds = Pick<CocoDataset, 'name' | 'imageIds' | 'categoryIds'>;

/**
 * Writes detections as COCO's JSON of results, which its tools and servers read: a list of
 * { image_id, category_id, bbox: [x, y, width, height], score }.
 *
 * @param detected of each image of the set, in its order
 * @param options.replace whether an existing file is replaced; true by default
 * @throws OPTION_INVALID if there are not as many as images, or a number is none or out of range; FILE_UNWRITABLE
 */
export async function writeCocoResults(
  path: string,
  set: CocoIds,
  detected: readonly DetectedObjects[],
  options: { replace?: boolean } = {},
): Promise<void> {
  if (detected.length !== set.imageIds.length) {
    throw new ResnetError(
      'OPTION_INVALID',
      `Results must be of all ${set.imageIds.length} images of '${set.name}', found ${detected.length}.`,
    );
  }
  await writeWholeFile(path, textOf(resultsOf(set, detected)), options);
}

interface CocoResult {
  image_id: number;
  category_id: number;
  bbox: [x: number, y: number, width: number, height: number];
  score: number;
}

function* resultsOf(set: CocoIds, detected: readonly DetectedObjects[]): Generator<CocoResult, void> {
  for (const [image, { boxes, labels, scores }] of detected.entries()) {
    for (let object = 0; object < labels.length; object++) {
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map((at) => boxes[4 * object + at]!) as [
        number,
        number,
        number,
        number,
      ];
      const category = set.categoryIds[labels[object]!];
      const score = scores[object]!;
      if (category === undefined || ![x1, y1, x2, y2, score].every(Number.isFinite)) {
        throw new ResnetError(
          'OPTION_INVALID',
          `Detection ${object} of image ${image} must have a label of ${set.categoryIds.length} classes, and finite numbers as box and ` +
            `score, found label ${labels[object]}, box ${[x1, y1, x2, y2].join(', ')}, score ${score}.`,
        );
      }
      yield {
        image_id: set.imageIds[image]!,
        category_id: category,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        score,
      };
    }
  }
}

async function* textOf(results: Iterable<CocoResult>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  let lines: string[] = [];
  let before = '[';
  for (const result of results) {
    lines.push(`${before}\n${JSON.stringify(result)}`);
    before = ',';
    if (lines.length < AT_ONCE) continue;
    yield encoder.encode(lines.join(''));
    lines = [];
  }
  yield encoder.encode(`${lines.join('')}${before === '[' ? '[' : '\n'}]\n`);
}

/**
 * Reads COCO's JSON of results.
 *
 * @returns of each image of the set, in its order; of some perhaps none
 * @throws as `readCoco`; DATA_INVALID, naming the result, if its image or category is not in the set
 */
export async function readCocoResults(path: string, set: CocoIds): Promise<DetectedObjects[]> {
  const images = new Map(set.imageIds.map((id, index) => [id, index]));
  const labels = new Map(set.categoryIds.map((id, label) => [id, label]));
  const detected = set.imageIds.map(() => ({
    boxes: [] as number[],
    labels: [] as number[],
    scores: [] as number[],
  }));
  let count = 0;
  await readJsonRecords(path, { '': ['image_id', 'category_id', 'bbox', 'score'] }, (_, record) => {
    const fields = new Fields(record, `Result ${count} of '${path}'`);
    if (++count > MOST_RESULTS) throw fields.invalid(`at most ${MOST_RESULTS} before it`, 'more');
    const [image, label] = [
      images.get(fields.integer('image_id')),
      labels.get(fields.integer('category_id')),
    ];
    if (image === undefined) throw fields.invalid(`an image_id of '${set.name}'`, String(record.image_id));
    if (label === undefined)
      throw fields.invalid(`a category_id of '${set.name}'`, String(record.category_id));
    const [x, y, width, height] = fields.box('bbox');
    detected[image]!.boxes.push(x, y, x + width, y + height);
    detected[image]!.labels.push(label);
    detected[image]!.scores.push(fields.number('score'));
  });
  return detected;
}
