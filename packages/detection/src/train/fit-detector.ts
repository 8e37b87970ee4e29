import { fitTask } from '@resnet/train';
import type { FasterRcnn } from '../networks/faster-rcnn.js';
import { type DetectionFitOptions, DetectionTask } from './detection-task.js';

/**
 * Trains a detector by a recipe: both of its networks together, or one of them (`examples.learns`). Resumed from a checkpoint on the same backend, it gives the same weights,
 * bit for bit, as a run that was never stopped. Tests say 1 − mAP (VOC 2010, overlap 0.5) as the error, and COCO's numbers besides; of a network that only proposes, 1 − the recall of its proposals at an overlap of 0.5.
 *
 * @throws as `fitTask` of `@resnet/train`; SHAPE_MISMATCH or DATA_INVALID before any step if the sets' classes are not the detector's
 */
export async function fitDetector(detector: FasterRcnn, options: DetectionFitOptions): Promise<void> {
  await fitTask(new DetectionTask(detector, options), options);
}
