import { softmaxCrossEntropy } from '@resnet/backend';
import { Sgd } from '@resnet/train';
import { prepare } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { GpuTask } from '../gpu/tasks.js';
import { createNetwork } from './ours.js';
import { images, labels } from './tfjs-images.js';

/** Begins a run of a task on the current backend without waiting for it: the loss, or the logits, owned by the caller. */
export type Launch = () => tf.Tensor | Promise<tf.Tensor>;

/** A training step of the network; inference is that of `prepare`, with batch normalization in the filters. */
export async function launchOf(
  { network: name, size, batchSize, mode }: GpuTask,
  learningRate = 0.01,
): Promise<Launch> {
  const network = createNetwork(name);
  const x = images(batchSize, size);
  if (mode === 'train') return trainingOf(network, x, learningRate);
  network.setTraining(false);
  const classifier = await prepare(network);
  network.dispose();
  return () => classifier.infer(x);
}

function trainingOf(
  network: ReturnType<typeof createNetwork>,
  x: tf.Tensor4D,
  learningRate: number,
): () => tf.Tensor {
  const optimizer = new Sgd(network, { momentum: 0.9, weightDecay: 1e-4 });
  const classes = labels(x.shape[0]);
  return () => {
    const { value, grads } = tf.variableGrads(
      () => softmaxCrossEntropy(network.forward(x), classes),
      optimizer.variables,
    );
    optimizer.step(grads, learningRate);
    tf.dispose(grads);
    return value;
  };
}
