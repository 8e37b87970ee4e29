import { throwIfAborted } from '@resnet/core';
import type { Image } from '@resnet/data';
import { runLayers, toTensor } from '@resnet/zoo';
import { currentClassifier } from '../session.js';
import type { Layer } from './layer-report.js';

/**
 * Computes the network for one image layer by layer.
 *
 * @param wanted names of the layers whose values are shown to `visit`
 * @throws ABORTED
 */
export async function runImage(
  { pixels: images, height, width, channels }: Image,
  signal: AbortSignal,
  wanted: ReadonlySet<string>,
  visit: (layer: Layer, values: Float32Array) => void,
): Promise<void> {
  const { model, normalization } = currentClassifier();
  const input = toTensor({ images, count: 1, height, width, channels }, normalization);
  try {
    const logits = await runLayers(model.network, input, async (layer, output) => {
      throwIfAborted(signal, 'Looking inside');
      if (wanted.has(layer.name)) visit(layer, (await output.data()) as Float32Array);
    });
    logits.dispose();
  } finally {
    input.dispose();
  }
}
