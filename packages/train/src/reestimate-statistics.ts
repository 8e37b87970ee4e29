import { nextTask, throwIfAborted } from '@resnet/backend';
import { type Batch, type Normalization, toTensor } from '@resnet/data';
import type { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';

/** What goes of a batch's statistics into the running ones; see BatchNorm in @resnet/blocks. */
const MOMENTUM = 0.1;

/**
 * Replaces the running means and variances of batch normalisation, which lag behind the weights, by those of the given
 * images with the weights as they are, as the paper's authors did after training by the notes to their published
 * models. The moments of all batches are put together exactly; on the way each batch is normalised by its own.
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
  const buffers = await Promise.all(
    [...network.namedParameters()]
      .filter(([, parameter]) => parameter.isBuffer)
      .map(async ([name, { variable }]) => ({
        isVariance: name.endsWith('running_var'),
        layer: name.slice(0, name.lastIndexOf('.')),
        variable,
        before: (await variable.data()).slice() as Float32Array,
        sums: new Float64Array(variable.size),
        squares: new Float64Array(variable.size),
      })),
  );
  let weight = 0;
  const write = (valuesOf: (index: number) => Float32Array) => {
    for (const [index, { variable }] of buffers.entries()) {
      tf.tidy(() => variable.assign(tf.tensor(valuesOf(index), variable.shape)));
    }
  };
  try {
    network.setTraining(true);
    for await (const batch of batches) {
      throwIfAborted(signal, 'Re-estimating statistics');
      await nextTask();
      write((index) => new Float32Array(buffers[index]!.sums.length));
      tf.tidy(() => void network.forward(toTensor(batch, normalization)));
      weight += batch.count;
      for (const { variable, sums, squares } of buffers) {
        const moments = await variable.data();
        for (const [channel, value] of moments.entries()) {
          const moment = value / MOMENTUM;
          sums[channel]! += batch.count * moment;
          squares[channel]! += batch.count * moment * moment;
        }
      }
    }
  } catch (error) {
    write((index) => buffers[index]!.before);
    throw error;
  }
  const means = new Map(
    buffers.filter(({ isVariance }) => !isVariance).map((buffer) => [buffer.layer, buffer]),
  );
  write((index) => {
    const { isVariance, layer, sums } = buffers[index]!;
    if (!isVariance) return Float32Array.from(sums, (sum) => sum / weight);
    const mean = means.get(layer)!;
    // The variance within batches, and that of their means.
    return Float32Array.from(sums, (sum, channel) => {
      const center = mean.sums[channel]! / weight;
      return sum / weight + Math.max(0, mean.squares[channel]! / weight - center * center);
    });
  });
}
