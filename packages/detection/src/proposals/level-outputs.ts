/** What the region proposal network gives for one level of one image, on the host. */
export interface LevelOutputs {
  /** A logit of each anchor. */
  logits: Float32Array;
  /** dx, dy, dw, dh of each anchor. */
  deltas: Float32Array;
}

/** The outputs of the levels for the image at this index; views. @param logits of each level, all images */
export function outputsOf(
  image: number,
  count: number,
  logits: readonly Float32Array[],
  deltas: readonly Float32Array[],
): LevelOutputs[] {
  return logits.map((values, level) => {
    const anchors = values.length / count;
    return {
      logits: values.subarray(image * anchors, (image + 1) * anchors),
      deltas: deltas[level]!.subarray(4 * image * anchors, 4 * (image + 1) * anchors),
    };
  });
}
