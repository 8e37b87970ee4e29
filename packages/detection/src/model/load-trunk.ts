import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type { FasterRcnn } from '../networks/faster-rcnn.js';

/** Where a detector has the modules of a classification network: the trunk, and the paper's stage on each region. */
const PLACES = ['backbone.body.', 'roi_heads.box_head.'];

/**
 * Gives a detector the weights of the classification network that it is made of, as the paper starts from ImageNet's.
 *
 * @param tensors of the classification network, under torchvision's names
 * @returns how many tensors were taken
 * @throws WEIGHTS_MISMATCH if one of the trunk is missing or has another shape; none is changed then
 */
export function loadTrunk(detector: FasterRcnn, tensors: StateDict): number {
  const isStage = detector.settings.head.kind === 'stage';
  const taken = [...detector.namedParameters()].flatMap(([name, parameter]) => {
    const place = PLACES.slice(0, isStage ? 2 : 1).find((prefix) => name.startsWith(prefix));
    return place ? [{ name: name.slice(place.length), parameter }] : [];
  });
  for (const { name, parameter } of taken) {
    const found = tensors.get(name);
    if (String(found?.shape) === String(parameter.storedShape)) continue;
    throw new ResnetError(
      'WEIGHTS_MISMATCH',
      `The weights are not of ${detector.settings.backbone.name}: expected ${name} [${parameter.storedShape}], found ${found ? `[${found.shape}]` : 'none'}.`,
    );
  }
  for (const { name, parameter } of taken) parameter.write(tensors.get(name)!);
  return taken.length;
}
