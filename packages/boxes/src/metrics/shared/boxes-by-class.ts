/** The boxes of one class in all images, image by image. */
export interface ClassBoxes {
  /** The image of each. */
  images: Int32Array;
  /** Its index in the image. */
  indices: Int32Array;
  /** x1, y1, x2, y2 of each. */
  boxes: Float64Array;
}

/** Groups checked boxes of images by class; within an image they keep their order. */
export function boxesByClass(
  images: readonly { boxes: ArrayLike<number>; labels: ArrayLike<number> }[],
  classes: number,
): ClassBoxes[] {
  const counts = new Int32Array(classes);
  for (const { labels } of images) {
    for (let index = 0; index < labels.length; index++) counts[labels[index]!]!++;
  }
  const groups = Array.from(counts, (count) => ({
    images: new Int32Array(count),
    indices: new Int32Array(count),
    boxes: new Float64Array(4 * count),
  }));
  counts.fill(0);
  for (const [image, { boxes, labels }] of images.entries()) {
    for (let index = 0; index < labels.length; index++) {
      const group = groups[labels[index]!]!;
      const at = counts[labels[index]!]!++;
      group.images[at] = image;
      group.indices[at] = index;
      for (let value = 0; value < 4; value++) group.boxes[4 * at + value] = boxes[4 * index + value]!;
    }
  }
  return groups;
}

/** A field of the boxes of a class, such as their scores. */
export function valuesOf(
  { images, indices }: ClassBoxes,
  field: (image: number) => ArrayLike<number> | undefined,
): Float64Array {
  const values = new Float64Array(images.length);
  for (let at = 0; at < values.length; at++) values[at] = field(images[at]!)?.[indices[at]!] ?? 0;
  return values;
}

/** As `valuesOf`, of a field that is 0 or not. */
export function flagsOf(
  boxes: ClassBoxes,
  field: (image: number) => ArrayLike<number> | undefined,
): Uint8Array {
  return new Uint8Array(valuesOf(boxes, field).map((value) => (value ? 1 : 0)));
}

/** Where the boxes of each image begin: one value more than there are images. */
export function imageStarts({ images }: ClassBoxes, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (const image of images) starts[image + 1]!++;
  for (let image = 0; image < count; image++) starts[image + 1]! += starts[image]!;
  return starts;
}
