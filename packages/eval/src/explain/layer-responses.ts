import { Add, BatchNorm, Conv2d, type GraphNode } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';
import { layersOf, type Network, runLayers } from '@resnet/zoo';
import { DeadChannels } from './dead-channels.js';
import { eachBatch, type MeasureOptions } from './each-batch.js';
import { Moments } from './moments.js';

/** What a convolution gives after its batch normalization, over all images, pixels and channels. */
export interface LayerResponse {
  /** The convolution's name: `layer1.0.conv1`. */
  name: string;
  /** Height and width of its filters. */
  size: number;
  std: number;
  mean: number;
  channels: number;
  /** Of them, those that the following ReLU made 0 in every image at every pixel; at the end of a block, the last ReLU. */
  deadChannels: number;
}

/**
 * The layer responses of Section 4.2 and Figure 7: the outputs of each convolution after its batch normalization and before
 * the nonlinearity, and before the shortcut's addition. Projections are left out, as they are no layers of the figure. The
 * network is computed in inference mode and stays in the mode that it is in. The result does not depend on the batch size.
 *
 * @returns in the order of the layers
 * @throws OPTION_INVALID if the network has no batch normalization; SHAPE_MISMATCH if the set has more classes or other
 *   channels than the network, or images of several sizes; ABORTED; what reading the set throws
 */
export async function layerResponses(
  network: Network,
  set: ImageSet | Dataset,
  options: MeasureOptions,
): Promise<LayerResponse[]> {
  const measured = measuredLayers(network);
  const byNorm = new Map(measured.map((layer) => [layer.norm, layer]));
  const byRelu = new Map(measured.map((layer) => [layer.relu, layer]));
  await eachBatch(network, set, options, {}, async (images) => {
    const logits = await runLayers(network, images, async ({ name }, output) => {
      const normalized = byNorm.get(name);
      if (normalized) normalized.moments.add(await output.data());
      const activated = byRelu.get(name);
      // Once no channel is dead, there is nothing left to count.
      if (activated && activated.dead.count > 0) activated.dead.add(await output.data());
    });
    logits.dispose();
  });
  return measured.map(({ name, size, channels, moments, dead }) => ({
    name,
    size,
    std: moments.std,
    mean: moments.mean,
    channels,
    deadChannels: dead.count,
  }));
}

interface MeasuredLayer extends Pick<LayerResponse, 'name' | 'size' | 'channels'> {
  /** Name of its normalization. */
  norm: string;
  /** Name of the ReLU that follows. */
  relu: string;
  moments: Moments;
  dead: DeadChannels;
}

function measuredLayers(network: Network): MeasuredLayer[] {
  const layers = layersOf(network);
  const after = (name: string) => layers.find(({ inputs }) => inputs.includes(name));
  const reluAfter = (name: string): GraphNode | undefined => {
    const next = after(name);
    return next?.layer instanceof Add ? after(next.name) : next;
  };
  const measured = layers.flatMap(({ name, layer }) => {
    if (!(layer instanceof Conv2d) || name.includes('.downsample.')) return [];
    const norm = after(name);
    if (!(norm?.layer instanceof BatchNorm)) return [];
    const [size, , , channels] = layer.filter.shape;
    const relu = reluAfter(norm.name);
    if (relu === undefined) return [];
    return [
      {
        ...{ name, size, channels, norm: norm.name, relu: relu.name },
        ...{ moments: new Moments(), dead: new DeadChannels(channels) },
      },
    ];
  });
  if (measured.length > 0) return measured;
  throw new ResnetError(
    'OPTION_INVALID',
    `Layer responses are the outputs of batch normalizations; ${network.architecture.name} has none.`,
  );
}
