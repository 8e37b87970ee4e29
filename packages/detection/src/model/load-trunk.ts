import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type { FasterRcnn } from '../networks/faster-rcnn.js';
import type { DetectorModel } from './model.js';

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

/** Of the last layers, which depend on the classes. */
const PREDICTOR = 'roi_heads.box_predictor.';

/**
 * Gives a detector the weights of another one of the same make: to train it further, on the same classes or on others. The last layers
 * depend on the classes and are only taken if these have the same names in the same order.
 *
 * @param from belongs to the caller, as before
 * @param classNames the detector's own
 * @returns how many tensors were taken, and how many not
 * @throws WEIGHTS_MISMATCH if a tensor besides those of the last layers is missing or has another shape; none is changed then
 */
export async function loadLayers(
  detector: FasterRcnn,
  from: Pick<DetectorModel, 'detector' | 'classNames'>,
  classNames: readonly string[],
): Promise<{ taken: number; left: number }> {
  const tensors = await from.detector.stateDict();
  const isSame = JSON.stringify(from.classNames) === JSON.stringify(classNames);
  const all = [...detector.namedParameters()];
  const taken = all.filter(([name]) => isSame || !name.startsWith(PREDICTOR));
  for (const [name, { storedShape }] of taken) {
    const found = tensors.get(name);
    if (String(found?.shape) === String(storedShape)) continue;
    throw new ResnetError(
      'WEIGHTS_MISMATCH',
      `The weights are of a detector of another make: expected ${name} [${storedShape}], found ${found ? `[${found.shape}]` : 'none'}. Make the detector with the same network, kind and anchors.`,
    );
  }
  for (const [name, parameter] of taken) parameter.write(tensors.get(name)!);
  return { taken: taken.length, left: all.length - taken.length };
}
