import { fuseGraph, graphOf, runSteps } from '@resnet/blocks';
import { type Int8Network, type Network, quantize } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { images } from './tfjs-images.js';

/** real = scale · (byte - zero) */
export interface ByteRange {
  scale: number;
  zero: number;
}

/** A network in 8 bits, on the current backend. */
export async function quantizedNetwork(network: Network): Promise<Int8Network> {
  const calibration = calibrationImages(network);
  const { network: quantized } = await quantize(network, { calibration, method: 'max' });
  calibration.dispose();
  return quantized;
}

/**
 * The ranges of the convolutions' results to which a residual is added, by the name of the convolution. This project adds before it
 * rounds; other libraries round both.
 */
export async function rangesBeforeAdditions(network: Network): Promise<Map<string, ByteRange>> {
  const { graph, output } = graphOf(network, network.inputShape);
  const firsts = new Map<string, string>();
  for (const { inputs, first } of fuseGraph(graph, [output.name])) {
    if (inputs.length < 2) continue;
    // The step begins with a convolution, behind which is its normalization.
    const normalization = graph.nodes.find((node) => node.inputs[0] === first)!;
    firsts.set(normalization.name, first);
  }
  network.setTraining(false);
  const names = [...firsts.keys()];
  const calibration = calibrationImages(network);
  const values = tf.tidy(() =>
    runSteps(fuseGraph(graph, names), [calibration], names, ({ operation }, taken) => operation.run(taken)),
  );
  calibration.dispose();
  const ranges = new Map<string, ByteRange>();
  for (const [index, name] of names.entries()) {
    ranges.set(firsts.get(name)!, rangeOf(await values[index]!.data<'float32'>()));
  }
  tf.dispose(values);
  return ranges;
}

function calibrationImages({ inputShape }: Network): tf.Tensor4D {
  return images(4, inputShape[0]);
}

function rangeOf(values: Float32Array): ByteRange {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = (high - low) / 255;
  return { scale, zero: Math.round(-low / scale) };
}
