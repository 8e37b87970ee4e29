import { BatchNorm, type Module } from '@resnet/blocks';
import { nextTask, throwIfAborted } from '@resnet/core';
import type { Batch, Normalization } from '@resnet/data';
import { type Network, toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';

/** The weight of a batch's statistics in the running ones; see BatchNorm in @resnet/blocks. */
const MOMENTUM = 0.1;

/**
 * Replaces the running means and variances of batch normalization, which lag behind the weights, by those of the given
 * images with the weights as they are, as the paper's authors did after training by the notes to their published
 * models. The moments of all batches are combined exactly; meanwhile each batch is normalized by its own statistics. Frozen
 * layers keep their statistics.
 *
 * @param batches of training images, without augmentation; some thousand images suffice
 * @throws ABORTED; the statistics are then as they were
 */
export async function reestimateStatistics(
  network: Network,
  batches: AsyncIterable<Batch>,
  normalization: Normalization,
  signal?: AbortSignal,
): Promise<void> {
  const forward = (batch: Batch) => network.forward(toTensor(batch, normalization));
  await reestimateWith(network, batches, forward, signal);
}

/**
 * The same for any module.
 *
 * @param inputs of training, and how many images are in each
 * @param forward computes the module for an input; what it makes is disposed
 */
export async function reestimateWith<Input extends { count: number }>(
  module: Module,
  inputs: AsyncIterable<Input>,
  forward: (input: Input) => unknown,
  signal?: AbortSignal,
): Promise<void> {
  module.setTraining(true);
  const layers = await Promise.all([...estimatingLayers(module)].map(SummedLayer.of));
  let images = 0;
  try {
    for await (const input of inputs) {
      throwIfAborted(signal, 'Re-estimating statistics');
      await nextTask();
      for (const layer of layers) layer.clear();
      tf.tidy(() => void forward(input));
      for (const layer of layers) await layer.add(input.count);
      images += input.count;
    }
  } catch (error) {
    for (const layer of layers) layer.restore();
    throw error;
  }
  for (const layer of layers) layer.finish(images);
}

function* estimatingLayers(module: Module): Iterable<BatchNorm> {
  if (module instanceof BatchNorm && module.usesBatchStatistics) yield module;
  for (const [, child] of module.children()) yield* estimatingLayers(child);
}

/** A layer's moments, summed over batches by their images. */
class SummedLayer {
  readonly #means: Float64Array;
  readonly #squaredMeans: Float64Array;
  readonly #variances: Float64Array;

  private constructor(
    private readonly layer: BatchNorm,
    private readonly before: { mean: Float32Array; variance: Float32Array },
  ) {
    const { length } = before.mean;
    this.#means = new Float64Array(length);
    this.#squaredMeans = new Float64Array(length);
    this.#variances = new Float64Array(length);
  }

  static async of(layer: BatchNorm): Promise<SummedLayer> {
    const { mean, variance } = await readMoments(layer);
    return new SummedLayer(layer, { mean: mean.slice(), variance: variance.slice() });
  }

  /** Sets the running statistics to 0, so that a batch leaves its moments times the momentum there. */
  clear(): void {
    const { length } = this.before.mean;
    this.#write(new Float32Array(length), new Float32Array(length));
  }

  async add(images: number): Promise<void> {
    const { mean, variance } = await readMoments(this.layer);
    for (let channel = 0; channel < mean.length; channel++) {
      const value = mean[channel]! / MOMENTUM;
      this.#means[channel]! += images * value;
      this.#squaredMeans[channel]! += images * value * value;
      this.#variances[channel]! += (images * variance[channel]!) / MOMENTUM;
    }
  }

  restore(): void {
    this.#write(this.before.mean, this.before.variance);
  }

  /** The variance is that within batches, and that of their means. */
  finish(images: number): void {
    const mean = Float32Array.from(this.#means, (sum) => sum / images);
    const variance = Float32Array.from(this.#variances, (sum, channel) => {
      const center = this.#means[channel]! / images;
      return sum / images + Math.max(0, this.#squaredMeans[channel]! / images - center * center);
    });
    this.#write(mean, variance);
  }

  #write(mean: Float32Array, variance: Float32Array): void {
    const { runningMean, runningVar } = this.layer;
    tf.tidy(() => {
      runningMean.variable.assign(tf.tensor(mean, runningMean.variable.shape));
      runningVar.variable.assign(tf.tensor(variance, runningVar.variable.shape));
    });
  }
}

async function readMoments({ runningMean, runningVar }: BatchNorm) {
  const [mean, variance] = await Promise.all(
    [runningMean, runningVar].map(({ variable }) => variable.data<'float32'>()),
  );
  return { mean: mean!, variance: variance! };
}
