import { softmaxCrossEntropy, useBackend } from '@resnet/backend';
import { Sgd } from '@resnet/train';
import { create, type Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { createImageNet, isImageNetName } from './imagenet.js';
import { images, labels } from './tfjs-images.js';
import { type Task, tfjsWorkload, type Workload } from './workload.js';

/** The network of that name: one of the zoo, or one for ImageNet. */
export function createNetwork(name: string): Network {
  return isImageNetName(name) ? createImageNet(name) : create(name);
}

/** The networks of this project, on its WASM backend. */
export async function start({ network, batchSize, mode }: Task, threads: number): Promise<Workload> {
  await useBackend('wasm', { threads });
  const model = createNetwork(network);
  const x = images(batchSize, model.inputShape[0]);
  return tfjsWorkload(mode === 'train' ? trainingStep(model, x) : inference(model, x));
}

function trainingStep(model: Network, x: tf.Tensor4D): () => Float32Array {
  const optimizer = new Sgd(model, { momentum: 0.9, weightDecay: 1e-4 });
  const classes = labels(x.shape[0]);
  return () => {
    const { value, grads } = tf.variableGrads(
      () => softmaxCrossEntropy(model.forward(x), classes),
      optimizer.variables,
    );
    optimizer.step(grads, 0.01);
    const loss = value.dataSync<'float32'>();
    tf.dispose([value, grads]);
    return loss;
  };
}

function inference(model: Network, x: tf.Tensor4D): () => Float32Array {
  model.setTraining(false);
  return () => tf.tidy(() => model.forward(x).dataSync<'float32'>());
}
