import { Conv2d } from '@resnet/blocks';
import type { Image } from '@resnet/data';
import { layersOf } from '@resnet/zoo';
import type { Context } from '../handler.js';
import type { Layer } from '../inside/layer-report.js';
import { runImage } from '../inside/run-image.js';
import { stdOf } from '../inside/statistics.js';
import { currentNetwork } from '../session.js';

/** How strongly a 3×3 layer responds to an image. */
export interface Response {
  /** The convolution's. */
  name: string;
  std: number;
}

/**
 * The paper's Figure 7 for one image: the standard deviations of what the 3×3 layers give, after the normalization and before
 * the nonlinearity. Where a convolution has no normalization, of what it gives itself.
 *
 * @param params.seen the image as the network sees it
 */
export async function measureLayers({ seen }: { seen: Image }, { signal }: Context): Promise<Response[]> {
  const measured = measuredLayers(layersOf(currentNetwork().model.network));
  const responses: Response[] = [];
  await runImage(seen, signal, new Set(measured.keys()), ({ name }, values) => {
    responses.push({ name: measured.get(name)!, std: stdOf(values) });
  });
  return responses;
}

/** The 3×3 convolutions, by the names of the layers whose values count. */
function measuredLayers(layers: readonly Layer[]): Map<string, string> {
  const measured = new Map<string, string>();
  for (const layer of layers) {
    if (!(layer.layer instanceof Conv2d) || layer.layer.filter.shape[0] !== 3) continue;
    const next = layers.find(({ inputs }) => inputs.includes(layer.name));
    measured.set(next?.kind === 'batch normalization' ? next.name : layer.name, layer.name);
  }
  return measured;
}
