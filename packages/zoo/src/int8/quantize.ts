import type { Int8Range } from '@resnet/backend';
import { ResnetError, unknownName } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { type FusedNetwork, fuse } from '../inference/fused-network.js';
import type { Network } from '../networks/network.js';
import type { ActivationRanges } from './activation-ranges.js';
import { Int8Network } from './int8-network.js';
import { quantizeWeights } from './int8-weights.js';
import { CALIBRATION_METHODS, type CalibrationMethod, Histogram } from './ranges.js';

/** Images that are computed at a time. */
const BATCH = 32;
/** Images of which the logits are compared, to choose a method. */
const COMPARED = 256;

export interface QuantizeOptions {
  /**
   * Images like those that the network will see, normalized, [count, height, width, channels]; stays the caller's. Some hundreds
   * are enough; labels are not needed.
   */
  calibration: tf.Tensor4D;
  /**
   * How the ranges of activations are chosen. Default 'best': the one of all methods whose logits for up to 256 images of the
   * calibration differ least from those of the network, relative to their size (root of the mean squares).
   */
  method?: CalibrationMethod | 'best';
  signal?: AbortSignal;
  /** Hears how many of `total` images were computed. */
  onProgress?: (progress: { count: number; total: number }) => void;
}

export interface Quantized {
  network: Int8Network;
  method: CalibrationMethod;
  /** Of each method that was tried: how far its logits are from those of the network, relative to their size. */
  errors: Partial<Record<CalibrationMethod, number>>;
}

/**
 * Quantizes a trained network: normalizations are folded into convolutions; weights become signed bytes with a scale for each
 * output channel, activations unsigned bytes with a range for each tensor, found by computing the calibration images in float32.
 *
 * @param network in the mode that it is in; computes as in inference. May be disposed afterwards
 * @returns a classifier for all that takes one; owns its tensors until `dispose()`
 * @throws OPTION_INVALID without images; UNKNOWN_NAME for a method that is none; SHAPE_MISMATCH for images that the network does
 *   not take; ABORTED
 */
export async function quantize(network: Network, options: QuantizeOptions): Promise<Quantized> {
  const { calibration, method = 'best' } = options;
  if (method !== 'best' && !CALIBRATION_METHODS.includes(method)) {
    throw unknownName('method', method, ['best', ...CALIBRATION_METHODS]);
  }
  if (calibration.shape[0] === 0) {
    throw new ResnetError('OPTION_INVALID', 'calibration must have at least one image, found none.');
  }
  const fused = fuse(network);
  try {
    const histograms = await calibrate(fused, options);
    const methods = method === 'best' ? CALIBRATION_METHODS : [method];
    const compared = tf.tidy(() => tf.slice(calibration, 0, Math.min(COMPARED, calibration.shape[0])));
    let best: Quantized | undefined;
    const errors: Quantized['errors'] = {};
    try {
      const expected = await logitsOf(fused, compared);
      for (const candidate of methods) {
        options.signal?.throwIfAborted();
        const ranges = new Map<string, Int8Range>();
        for (const [name, histogram] of histograms) ranges.set(name, histogram.range(candidate));
        const quantized = await quantizeWith(network, ranges);
        const error = relativeError(await logitsOf(quantized, compared), expected);
        errors[candidate] = error;
        if (best && !(error < best.errors[best.method]!)) quantized.dispose();
        else {
          best?.network.dispose();
          best = { network: quantized, method: candidate, errors };
        }
      }
    } catch (error) {
      best?.network.dispose();
      throw error;
    } finally {
      compared.dispose();
    }
    return best!;
  } finally {
    fused.dispose();
  }
}

/**
 * Quantizes a network with ranges of activations that are known: those that it was fine-tuned with.
 *
 * @param ranges as `weights.ranges` of a quantized network has them; those of the network's own architecture
 * @returns owns its tensors until `dispose()`
 * @throws OPTION_INVALID if there is no range for a value
 */
export async function quantizeWith(network: Network, ranges: ActivationRanges): Promise<Int8Network> {
  return Int8Network.create(network, await quantizeWeights(network, ranges));
}

/** The distribution of each step's values, and of the images'. */
async function calibrate(
  fused: FusedNetwork,
  { calibration, signal, onProgress }: QuantizeOptions,
): Promise<Map<string, Histogram>> {
  const total = calibration.shape[0];
  const ends = new Map<string, [low: number, high: number]>();
  const histograms = new Map<string, Histogram>();
  const passes = [
    (name: string, values: Float32Array) => {
      let [low, high] = ends.get(name) ?? [0, 0];
      for (const value of values) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
      ends.set(name, [low, high]);
    },
    (name: string, values: Float32Array) => {
      if (!histograms.has(name)) histograms.set(name, new Histogram(...ends.get(name)!));
      histograms.get(name)!.add(values);
    },
  ];
  for (const [index, visit] of passes.entries()) {
    for (let first = 0; first < total; first += BATCH) {
      signal?.throwIfAborted();
      const count = Math.min(BATCH, total - first);
      const images = tf.tidy(() => tf.slice(calibration, first, count));
      try {
        await fused.eachValue(images, visit);
      } finally {
        images.dispose();
      }
      onProgress?.({ count: index * total + first + count, total: passes.length * total });
    }
  }
  return histograms;
}

async function logitsOf(classifier: Pick<FusedNetwork, 'infer'>, images: tf.Tensor4D): Promise<Float32Array> {
  const [total] = images.shape;
  const parts: number[] = [];
  for (let first = 0; first < total; first += BATCH) {
    const part = tf.tidy(() => tf.slice(images, first, Math.min(BATCH, total - first)));
    const logits = await classifier.infer(part);
    parts.push(...(await logits.data()));
    tf.dispose([part, logits]);
  }
  return Float32Array.from(parts);
}

function relativeError(found: Float32Array, expected: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (found[index]! - expected[index]!) ** 2;
    size += expected[index]! ** 2;
  }
  return Math.sqrt(difference / size);
}
