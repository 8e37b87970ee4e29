import { softmaxCrossEntropy, useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { cifarResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { kernelsAlone } from './alone.js';
import { layers } from './layers.js';
import { type Call, recordCalls } from './recording.js';

/** A training step as the kernels did it. */
export interface TrainingStep {
  forward: Call[];
  backward: Call[];
  /** The gradients of the parameters, with the ids of the parameters' tensors. */
  gradients: { name: string; id: object; values: ArrayLike<number> }[];
}

/** Such that Winograd's rounding turns one of the ReLUs' masks. */
const seed = 4;
const count = 4;

/** The first step of ResNet-20 on a few random images. */
export async function trainingStep(winograd: boolean): Promise<TrainingStep> {
  const backend = await useBackend('wasm', { threads: 1, winograd });
  const network = cifarResNet(20, { shortcut: 'A', seed });
  const random = new Random(seed, 7);
  const pixels = Float32Array.from({ length: count * 32 * 32 * 3 }, () => random.normal());
  const images = tf.tensor4d(pixels, [count, 32, 32, 3]);
  const labels = tf.tensor1d(
    Array.from({ length: count }, (_, index) => index),
    'int32',
  );
  const parameters = [...network.namedParameters()].filter(([, { isBuffer }]) => !isBuffer);
  const kernelNames = new Set([...Object.keys(layers), ...kernelsAlone]);
  const { result, calls } = recordCalls([...kernelNames], () =>
    tf.variableGrads(
      () => softmaxCrossEntropy(network.forward(images), labels),
      parameters.map(([, { variable }]) => variable),
    ),
  );
  const gradients = parameters.map(([name, { variable }]) => ({
    name,
    id: variable.dataId,
    values: result.grads[variable.name]!.dataSync().slice(),
  }));
  backend.dispose();
  const forwardCalls = 1 + calls.findIndex(({ kernel }) => kernel === 'SoftmaxCrossEntropy');
  return { forward: calls.slice(0, forwardCalls), backward: calls.slice(forwardCalls), gradients };
}
