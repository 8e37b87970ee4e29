import { Random } from '@resnet/backend';
import type { ImageSet, Normalization } from '@resnet/data';

/** Images of two classes that a small network learns in a few steps: bright on the left, or on the right. */
export function halves(count: number): ImageSet {
  const random = new Random(8);
  const size = 32 * 32;
  const images = new Uint8Array(count * size);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 2);
  for (let place = 0; place < images.length; place++) {
    const isRight = place % 32 >= 16;
    const isBright = isRight === (labels[Math.floor(place / size)] === 1);
    images[place] = random.int(120) + (isBright ? 100 : 0);
  }
  return {
    name: 'halves',
    images,
    labels,
    count,
    height: 32,
    width: 32,
    channels: 1,
    classes: ['left', 'right'],
  };
}

export const normalization: Normalization = { mean: Float32Array.of(0.4), std: Float32Array.of(0.25) };
