import { loadInt8 } from '@resnet/backend';
import { defined } from '@resnet/core';
import type { Network } from '@resnet/zoo';
import { withBatchThatFits } from './batch-that-fits.js';
import { ClassificationTask } from './classification-task.js';
import type { FitOptions } from './fit-options.js';
import { fitTask } from './fit-task.js';
import { rangesOfRun } from './ranges-of-run.js';
import type { Checkpoint } from './training-state.js';

/**
 * Trains a classifier by a recipe. Resumed from a checkpoint on the same backend, it gives the same weights, bit for bit, as a
 * run that was never stopped. With averaging, the network ends with the averaged weights.
 *
 * @throws ABORTED after a last checkpoint, if the signal fired; LOSS_NOT_FINITE, naming the step, before that step
 *   changed any weight; CHECKPOINT_MISMATCH or WEIGHTS_MISMATCH if the checkpoint is another network's; SHAPE_MISMATCH
 *   before any step if the data has more classes or other channels than the network, DATA_INVALID if `test` has classes that
 *   `train` lacks; OPTION_INVALID if `fakeQuantization` has no range for one of the network's values; what reading the data throws
 * @throws before any step, DATA_INVALID if there are less than two classes; SHAPE_MISMATCH if the mean is one for each pixel
 *   of images of another size
 */
export async function fit(network: Network, options: FitOptions): Promise<void> {
  const ranges = rangesOfRun(network, options);
  if (ranges) await loadInt8();
  const task = new ClassificationTask(network, options);
  const { recompute, fakeQuantization } = network;
  network.recompute = options.recompute ?? recompute;
  network.fakeQuantization = ranges;
  const onCheckpoint = (checkpoint: Checkpoint) =>
    options.onCheckpoint?.({ ...checkpoint, ...defined({ ranges }) });
  try {
    await fitTask(task, { ...options, onCheckpoint });
  } catch (error) {
    throw withBatchThatFits(error, network);
  } finally {
    network.recompute = recompute;
    network.fakeQuantization = fakeQuantization;
  }
}
