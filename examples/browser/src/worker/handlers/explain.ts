import type { Image } from '@resnet/data';
import { gradCam, overlayHeat } from '@resnet/eval';
import { currentClassifier } from '../session.js';

/**
 * Where in an image the network sees a class: Grad-CAM's heat map over the picture.
 *
 * @param params.seen the image as the network sees it
 * @param params.shown the picture to lay the map over
 * @param params.index number of the class
 */
export async function explain({
  seen,
  shown,
  index,
}: {
  seen: Image;
  shown: Image;
  index: number;
}): Promise<Image> {
  const { model, normalization } = currentClassifier();
  return overlayHeat(shown, await gradCam(model.network, seen, { normalization, index }));
}
