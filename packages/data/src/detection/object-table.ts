import type { ImageObjects } from './detection-dataset.js';

/** A box: x1, y1, x2, y2. */
export type Box = readonly [number, number, number, number];

/** An object with the image that it is in. */
export interface ObjectRow {
  /** The index of its image. */
  image: number;
  label: number;
  box: Box;
  difficult?: boolean;
  crowd?: boolean;
  /** Undefined where the annotation has none: then that of the box is taken. */
  area?: number | undefined;
}

/** All objects of a set, in flat arrays: a million of them take some 50 MB. */
export class ObjectTable {
  readonly #images: number[] = [];
  readonly #labels: number[] = [];
  readonly #boxes: number[] = [];
  readonly #areas: number[] = [];
  readonly #isDifficult: boolean[] = [];
  readonly #isCrowd: boolean[] = [];

  add({ image, label, box, difficult = false, crowd = false, area }: ObjectRow): void {
    this.#images.push(image);
    this.#labels.push(label);
    this.#boxes.push(...box);
    this.#isDifficult.push(difficult);
    this.#isCrowd.push(crowd);
    this.#areas.push(area ?? (box[2] - box[0]) * (box[3] - box[1]));
  }

  /**
   * The objects of each image, in the order in which they were added, as views of the table's memory.
   *
   * @param columns which optional arrays the objects have
   */
  byImage(
    imageCount: number,
    columns: readonly ('difficult' | 'crowd' | 'areas')[],
  ): (image: number) => ImageObjects {
    const starts = new Uint32Array(imageCount + 1);
    for (const image of this.#images) starts[image + 1]!++;
    for (let image = 0; image < imageCount; image++) starts[image + 1]! += starts[image]!;
    const count = this.#images.length;
    const all = {
      boxes: new Float64Array(4 * count),
      labels: new Int32Array(count),
      difficult: new Uint8Array(count),
      crowd: new Uint8Array(count),
      areas: new Float64Array(count),
    };
    const next = starts.slice();
    for (const [row, image] of this.#images.entries()) {
      const to = next[image]!++;
      all.labels[to] = this.#labels[row]!;
      all.difficult[to] = Number(this.#isDifficult[row]!);
      all.crowd[to] = Number(this.#isCrowd[row]!);
      all.areas[to] = this.#areas[row]!;
      for (let at = 0; at < 4; at++) all.boxes[4 * to + at] = this.#boxes[4 * row + at]!;
    }
    return (image) => {
      const [start, end] = [starts[image]!, starts[image + 1]!];
      return {
        boxes: all.boxes.subarray(4 * start, 4 * end),
        labels: all.labels.subarray(start, end),
        ...Object.fromEntries(columns.map((name) => [name, all[name].subarray(start, end)])),
      };
    };
  }
}
