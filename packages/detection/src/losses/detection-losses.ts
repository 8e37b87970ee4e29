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
  /** Those of the networks that learn. */
  parts: Partial<Record<'objectness' | 'proposalBox' | 'class' | 'box', tf.Scalar>>;
  /** Regions whose class is wrong, and regions in all; of the region proposal network alone, anchors. */
  errors: tf.Scalar;
  answers: number;
}

/**
 * The four losses of Faster R-CNN for a batch, or the two of the network that learns: no gradient goes through the proposals' boxes (Ren
 * et al., Section 3.2). Differentiable. The values are torchvision's (`rpn.py`, `roi_heads.py`) for the same sample.
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
  const { learns, beta } = training;
  const first = detector.first(input.images);
  const { anchors, regions } = typeof sample === 'function' ? sample(first) : sample;
  const ofAnchors = learns === 'regions' ? undefined : anchorLosses(first, anchors, beta);
  const ofRegions = learns === 'proposals' ? undefined : judgedLosses(detector, input, first, regions, beta);
  const parts = { ...ofAnchors?.parts, ...ofRegions?.parts };
  const { errors, answers } = (ofRegions ?? ofAnchors)!;
  return { loss: tf.addN(Object.values(parts)), parts, errors, answers };
}

/** What losses of one of the networks are, and how often it is wrong. */
type NetworkLosses = Omit<DetectionLosses, 'loss'>;

function judgedLosses(
  detector: DetectorStages,
  input: DetectionInput,
  first: FirstStage,
  regions: readonly RegionSample[],
  beta: number,
): NetworkLosses {
  const boxes = { list: regions.map(({ boxes }) => boxes), sizes: input.sizes };
  const { features, order } = regionFeatures(detector, first.maps, boxes, input.images.shape);
  const { logits, deltas } = detector.predict(features);
  return { ...regionLosses(logits, deltas, inOrder(regions, order), beta), answers: order.length };
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
  const samples: { anchors: AnchorSample[]; regions: RegionSample[] } = { anchors: [], regions: [] };
  for (const [image, truth] of truths.entries()) {
    const random = randomOf(image);
    if (training.learns !== 'regions') {
      samples.anchors.push(sampleAnchors(all, truth, training.anchors, random));
    }
    if (training.learns === 'proposals') continue;
    const outputs = outputsOf(image, count, logits, deltas);
    const { boxes } = propose(outputs, anchors, sizes[image]!, training.proposals);
    samples.regions.push(
      sampleRegions(boxes, truth, { ...training.regions, weights: REGION_WEIGHTS }, random),
    );
  }
  return samples;
}

/** Of the region proposal network: whether anchors are objects, and their boxes; means over the anchors of the sample. */
function anchorLosses(
  { logits, deltas }: FirstStage,
  samples: readonly AnchorSample[],
  beta: number,
): NetworkLosses {
  const count = samples.reduce((sum, { positive, negative }) => sum + positive.length + negative.length, 0);
  const weight = 1 / Math.max(1, count);
  let from = 0;
  const [objectness, box, errors]: tf.Scalar[][] = [[], [], []];
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
    const right = tf.tensor(targets, values.shape);
    const weightOf = tf.tensor(weights, values.shape);
    objectness!.push(binaryCrossEntropy(values, right, weightOf));
    errors!.push(wrongAnchors(values, right, weightOf));
    box!.push(smoothL1(deltas[level]!, tf.tensor(boxTargets, shape), tf.tensor(boxWeights, shape), beta));
    from += anchors;
  }
  return {
    parts: { objectness: tf.addN(objectness!), proposalBox: tf.addN(box!) },
    errors: tf.addN(errors!),
    answers: count,
  };
}

/** Anchors of the sample that are taken for objects and are none, or the other way round. */
function wrongAnchors(logits: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  const isWrong = tf.notEqual(tf.cast(tf.greater(logits, 0), 'float32'), targets);
  return tf.sum(tf.cast(tf.logicalAnd(isWrong, tf.greater(weights, 0)), 'int32'));
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
  return { parts: { class: classLoss, box: boxLoss }, errors };
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
