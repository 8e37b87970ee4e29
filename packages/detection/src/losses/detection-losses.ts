import { softmaxCrossEntropy } from '@resnet/backend';
import type { Boxes } from '@resnet/boxes';
import type { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages, FirstStage } from '../networks/faster-rcnn.js';
import { levelAnchors } from '../networks/level-anchors.js';
import { regionFeatures } from '../networks/region-features.js';
import { outputsOf } from '../proposals/level-outputs.js';
import { propose } from '../proposals/propose.js';
import {
  type AnchorSample,
  type RegionSample,
  sampleAnchors,
  sampleRegions,
  type Truth,
} from '../proposals/sampling.js';
import { type DetectorTraining, REGION_WEIGHTS } from './training-settings.js';
import { binaryCrossEntropy, smoothL1 } from './weighted-losses.js';

/** Images with their objects, as a training step takes them. */
export interface DetectionInput {
  /** [count, height, width, channels], normalized, with zeros around smaller images. */
  images: tf.Tensor4D;
  /** [height, width] of each image, without the zeros. */
  sizes: readonly (readonly [number, number])[];
  truths: readonly Truth[];
}

/** What is learned from a batch. */
export interface DetectionSample {
  anchors: readonly AnchorSample[];
  regions: readonly RegionSample[];
}

export interface DetectionLosses {
  /** Their sum. */
  loss: tf.Scalar;
  parts: Record<'objectness' | 'proposalBox' | 'class' | 'box', tf.Scalar>;
  /** Regions whose class is wrong, and regions in all. */
  errors: tf.Scalar;
  answers: number;
}

/**
 * The four losses of Faster R-CNN for a batch, trained jointly: no gradient goes through the proposals' boxes (Ren et al., Section 3.2).
 * Differentiable. The values are torchvision's (`rpn.py`, `roi_heads.py`) for the same sample.
 *
 * @param sample what is learned from. By default it is drawn from what the first stage gives, which the backend must be able to read at
 *   once: WebGPU is not
 */
export function detectionLosses(
  detector: DetectorStages,
  input: DetectionInput,
  training: DetectorTraining,
  sample: DetectionSample | ((first: FirstStage) => DetectionSample),
): DetectionLosses {
  const first = detector.first(input.images);
  const { anchors, regions } = typeof sample === 'function' ? sample(first) : sample;
  const [objectness, proposalBox] = anchorLosses(first, anchors, training.beta);
  const boxes = { list: regions.map(({ boxes }) => boxes), sizes: input.sizes };
  const { features, order } = regionFeatures(detector, first.maps, boxes, input.images.shape);
  const { logits, deltas } = detector.predict(features);
  const { classLoss, boxLoss, errors } = regionLosses(logits, deltas, inOrder(regions, order), training.beta);
  const parts = { objectness, proposalBox, class: classLoss, box: boxLoss };
  return { loss: tf.addN(Object.values(parts)), parts, errors, answers: order.length };
}

/**
 * Draws what is learned from a batch.
 *
 * @param randomOf the random numbers for the image of this index
 */
export async function drawSampleLater(
  detector: DetectorStages,
  input: DetectionInput,
  training: DetectorTraining,
  randomOf: (image: number) => Random,
): Promise<DetectionSample> {
  const first = detector.first(input.images);
  try {
    const [logits, deltas] = await Promise.all(
      [first.logits, first.deltas].map((values) => Promise.all(values.map((each) => each.data<'float32'>()))),
    );
    return drawSample(detector, input, training, randomOf, { ...first, logits: logits!, deltas: deltas! });
  } finally {
    tf.dispose([first.maps, first.logits, first.deltas]);
  }
}

/** The same from a first stage whose values can be read at once. */
export function drawSampleNow(
  detector: DetectorStages,
  input: DetectionInput,
  training: DetectorTraining,
  randomOf: (image: number) => Random,
): (first: FirstStage) => DetectionSample {
  return (first) => {
    const [logits, deltas] = [first.logits, first.deltas].map((values) =>
      values.map((each) => each.dataSync<'float32'>()),
    );
    return drawSample(detector, input, training, randomOf, { ...first, logits: logits!, deltas: deltas! });
  };
}

interface ReadStage {
  maps: readonly tf.Tensor4D[];
  logits: readonly Float32Array[];
  deltas: readonly Float32Array[];
}

function drawSample(
  { anchors: cells }: DetectorStages,
  { images, sizes, truths }: DetectionInput,
  training: DetectorTraining,
  randomOf: (image: number) => Random,
  { maps, logits, deltas }: ReadStage,
): DetectionSample {
  const [count, height, width] = images.shape;
  const anchors = levelAnchors(cells, maps, [height, width]);
  const all = joined(anchors);
  const samples = truths.map((truth, image) => {
    const random = randomOf(image);
    const { boxes } = propose(
      outputsOf(image, count, logits, deltas),
      anchors,
      sizes[image]!,
      training.proposals,
    );
    return {
      anchors: sampleAnchors(all, truth, training.anchors, random),
      regions: sampleRegions(boxes, truth, { ...training.regions, weights: REGION_WEIGHTS }, random),
    };
  });
  return { anchors: samples.map((each) => each.anchors), regions: samples.map((each) => each.regions) };
}

/** Of the region proposal network: whether anchors are objects, and their boxes; means over the anchors of the sample. */
function anchorLosses(
  { logits, deltas }: FirstStage,
  samples: readonly AnchorSample[],
  beta: number,
): [objectness: tf.Scalar, box: tf.Scalar] {
  const count = samples.reduce((sum, { positive, negative }) => sum + positive.length + negative.length, 0);
  const weight = 1 / Math.max(1, count);
  let [from, objectness, box]: [number, tf.Scalar[], tf.Scalar[]] = [0, [], []];
  for (const [level, values] of logits.entries()) {
    const anchors = values.size / samples.length;
    const targets = new Float32Array(values.size);
    const weights = new Float32Array(values.size);
    const boxTargets = new Float32Array(4 * values.size);
    const boxWeights = new Float32Array(4 * values.size);
    for (const [image, { positive, negative, deltas }] of samples.entries()) {
      const indexOf = (anchor: number) => anchor - from + image * anchors;
      const isOfLevel = (anchor: number) => anchor >= from && anchor < from + anchors;
      for (const [row, anchor] of positive.entries()) {
        if (!isOfLevel(anchor)) continue;
        targets[indexOf(anchor)] = 1;
        weights[indexOf(anchor)] = weight;
        boxTargets.set(deltas.subarray(4 * row, 4 * row + 4), 4 * indexOf(anchor));
        boxWeights.fill(weight, 4 * indexOf(anchor), 4 * indexOf(anchor) + 4);
      }
      for (const anchor of negative) if (isOfLevel(anchor)) weights[indexOf(anchor)] = weight;
    }
    const { shape } = deltas[level]!;
    objectness.push(
      binaryCrossEntropy(values, tf.tensor(targets, values.shape), tf.tensor(weights, values.shape)),
    );
    box.push(smoothL1(deltas[level]!, tf.tensor(boxTargets, shape), tf.tensor(boxWeights, shape), beta));
    from += anchors;
  }
  return [tf.addN(objectness), tf.addN(box)];
}

/** Of the regions: their classes, and the boxes of objects; means over the regions of the sample. */
function regionLosses(
  logits: tf.Tensor2D,
  deltas: tf.Tensor2D,
  { labels, deltas: wanted }: RegionSample,
  beta: number,
) {
  const [count, values] = deltas.shape;
  const targets = new Float32Array(count * values);
  const weights = new Float32Array(count * values);
  for (const [row, label] of labels.entries()) {
    if (label === 0) continue;
    const at = row * values + 4 * label;
    targets.set(wanted.subarray(4 * row, 4 * row + 4), at);
    weights.fill(1 / count, at, at + 4);
  }
  const right = tf.tensor1d(labels, 'int32');
  const classLoss = softmaxCrossEntropy(logits, right);
  const boxLoss = smoothL1(
    deltas,
    tf.tensor2d(targets, deltas.shape),
    tf.tensor2d(weights, deltas.shape),
    beta,
  );
  const errors = tf.sum<tf.Scalar>(tf.cast(tf.notEqual(tf.argMax(logits, 1), right), 'int32'));
  return { classLoss, boxLoss, errors };
}

/** The regions of all images in the order in which they were pooled. */
function inOrder(samples: readonly RegionSample[], order: Int32Array): RegionSample {
  const labels = Int32Array.from(samples.flatMap((sample) => [...sample.labels]));
  const boxes = joined(samples.map((sample) => sample.boxes));
  const deltas = joined(samples.map((sample) => sample.deltas));
  const at = (values: Float32Array) => {
    const rows = new Float32Array(values.length);
    for (const [row, from] of order.entries()) rows.set(values.subarray(4 * from, 4 * from + 4), 4 * row);
    return rows;
  };
  return { labels: order.map((from) => labels[from]!), boxes: at(boxes), deltas: at(deltas) };
}

function joined(arrays: readonly Boxes[]): Boxes {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of arrays) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}
