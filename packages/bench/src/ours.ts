import { softmaxCrossEntropy, useBackend } from '@resnet/backend';
import { Sgd } from '@resnet/train';
import { create } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { Workload } from './workload.js';

/** The networks of this project, on its WASM backend. */
export async function ours(network: string, batchSize: number, threads: number): Promise<Workload> {
  await useBackend('wasm', { threads });
  const model = create(network);
  const optimizer = new Sgd(model, { momentum: 0.9, weightDecay: 1e-4 });
  const images = tf.randomNormal<tf.Rank.R4>([batchSize, 32, 32, 3], 0, 1, 'float32', 1);
  const labels = tf.tensor1d(
    Int32Array.from({ length: batchSize }, (_, index) => index % 10),
    'int32',
  );
  return {
    train: () => {
      model.setTraining(true);
      const { value, grads } = tf.variableGrads(
        () => softmaxCrossEntropy(model.forward(images), labels),
        optimizer.variables,
      );
      optimizer.step(grads, 0.01);
      const [loss] = value.dataSync();
      tf.dispose([value, grads]);
      return loss!;
    },
    infer: () => {
      model.setTraining(false);
      tf.tidy(() => model.forward(images).dataSync());
    },
  };
}
