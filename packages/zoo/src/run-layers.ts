import { batchNormInference, conv2d, linear } from '@resnet/backend';
import type { Layer } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs-core';
import { layersOf } from './layers.js';
import type { Network } from './network.js';
import { runOperation } from './run-operation.js';
import { spentValues } from './spent-values.js';

/**
 * Computes a network in inference mode layer by layer, each as an operation of its own, and shows what each gives: every
 * convolution, normalisation, addition and ReLU. The network stays in the mode that it is in.
 *
 * @param x [count, height, width, inChannels], normalised
 * @param visit is called with every layer in an order in which they can be computed, and with its result for all images. The
 *   result is disposed once nothing needs it any more, but not before `visit` has ended; a clone may be kept
 * @returns logits, [count, classes]; owned by the caller
 */
export async function runLayers(
  network: Network,
  x: tf.Tensor4D,
  visit: (layer: Layer, output: tf.Tensor) => void | Promise<void>,
): Promise<tf.Tensor2D> {
  const layers = layersOf(network, x.shape.slice(1));
  const spent = spentValues(layers);
  const values = new Map<string, tf.Tensor>([['input', x]]);
  try {
    for (const [place, layer] of layers.entries()) {
      const inputs = layer.inputs.map((input) => values.get(input)!);
      const output = tf.tidy(() => runLayer(layer, inputs));
      values.set(layer.name, output);
      await visit(layer, output);
      for (const input of spent[place]!) {
        values.get(input)!.dispose();
        values.delete(input);
      }
    }
    const last = layers.at(-1)!.name;
    const logits = values.get(last) as tf.Tensor2D;
    values.delete(last);
    return logits;
  } finally {
    values.delete('input');
    tf.dispose([...values.values()]);
  }
}

/** Not by the modules' `forward`, in which some have a ReLU, and normalisations the statistics of the batch. */
function runLayer(layer: Layer, inputs: readonly tf.Tensor[]): tf.Tensor {
  switch (layer.kind) {
    case 'convolution': {
      const { filter, geometry, bias } = layer.module;
      return conv2d(inputs[0] as tf.Tensor4D, filter, {
        ...geometry,
        bias: bias?.variable as tf.Tensor1D | undefined,
      });
    }
    case 'batch normalisation': {
      const { parameters, runningMoments } = layer.module;
      return batchNormInference(inputs[0] as tf.Tensor4D, parameters, runningMoments);
    }
    case 'fully connected': {
      const { weight, bias } = layer.module;
      return linear(
        inputs[0] as tf.Tensor2D,
        weight.variable as unknown as tf.Tensor2D,
        bias.variable as unknown as tf.Tensor1D,
      );
    }
    default:
      return runOperation(layer, inputs);
  }
}
