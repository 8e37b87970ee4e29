import { Conv2d } from '@resnet/blocks';
import { unknownName } from '@resnet/core';
import type { Image } from '@resnet/data';
import { layersOf } from '@resnet/zoo';
import type { Context } from '../handler.js';
import type { Layer } from '../inside/layer-report.js';
import { type Pictures, picturesOfFilters, picturesOfMaps } from '../inside/pictures.js';
import { runImage } from '../inside/run-image.js';
import { countDead, type Statistics, statisticsOf } from '../inside/statistics.js';
import { currentNetwork } from '../session.js';
import { transferring } from '../transfer.js';

export interface ShownLayer {
  statistics: Statistics;
  channels: number;
  /** Channels that the following ReLU makes 0 at every pixel of this image; where none follows, that are 0 themselves. */
  deadChannels: number;
  /** The name of that ReLU, or of the layer. */
  deadIn: string;
  /** Of channels from `first` on, if the layer gives maps. */
  maps?: Pictures;
  /** What the layer gives, if it gives no map: logits, or one number a channel. */
  values?: Float32Array;
  /** Of a convolution of the image. */
  filters?: Pictures;
}

/**
 * What a layer gives for an image.
 *
 * @param params.seen the image as the network sees it
 * @param params.first the first channel whose map is drawn
 * @param params.count the most maps that are drawn
 * @throws UNKNOWN_NAME if the network has no such layer; what `currentClassifier` throws
 */
export async function showLayer(
  { seen, name, first, count }: { seen: Image; name: string; first: number; count: number },
  { signal }: Context,
): Promise<ShownLayer> {
  const layers = layersOf(currentNetwork().model.network);
  const layer = layers.find((layer) => layer.name === name);
  if (!layer) {
    throw unknownName(
      'layer',
      name,
      layers.map(({ name }) => name),
    );
  }
  const activated = activationOf(layer, layers);
  const shape = layer.outputShape;
  const channels = shape.at(-1)!;
  const shown: Partial<ShownLayer> = { channels, deadIn: activated.name };
  await runImage(seen, signal, new Set([name, activated.name]), (visited, values) => {
    if (visited.name === activated.name) shown.deadChannels = countDead(values, channels);
    if (visited.name !== name) return;
    shown.statistics = statisticsOf(values);
    if (values.length > channels) shown.maps = picturesOfMaps(values, shape, first, count);
    // A copy, as it may be a view of the backend's memory.
    else shown.values = values.slice();
  });
  const filters = await filtersOf(layer);
  if (filters) shown.filters = filters;
  const pictures = [shown.maps, shown.filters].flatMap((made) => (made ? [made.pixels.buffer] : []));
  return transferring(shown as ShownLayer, pictures);
}

/** The ReLU that a layer's result goes to, by a normalization or an addition at most; where there is none, the layer. */
function activationOf(layer: Layer, layers: readonly Layer[]): Layer {
  let current: Layer | undefined = layer;
  while (current && current.kind !== 'relu') {
    const next = consumerOf(current, layers);
    current = next && ['batch normalization', 'addition', 'relu'].includes(next.kind) ? next : undefined;
  }
  return current ?? layer;
}

/** The first layer that takes a layer's result. */
function consumerOf({ name }: Layer, layers: readonly Layer[]): Layer | undefined {
  return layers.find(({ inputs }) => inputs.includes(name));
}

/** The filters of a convolution of the image, if they can be seen as pictures. */
async function filtersOf(layer: Layer): Promise<Pictures | undefined> {
  if (!(layer.layer instanceof Conv2d) || layer.inputs[0] !== 'input') return undefined;
  const { filter } = layer.layer;
  if (filter.shape[2] !== 1 && filter.shape[2] !== 3) return undefined;
  return picturesOfFilters((await filter.data()) as Float32Array, filter.shape);
}
