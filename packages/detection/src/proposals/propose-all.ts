import type { Boxes } from '@resnet/boxes';
import type { DetectorInput } from '../detect/image-input.js';
import type { DetectorStages, FirstStage } from '../networks/faster-rcnn.js';
import { levelAnchors } from '../networks/level-anchors.js';
import { outputsOf } from './level-outputs.js';
import { type ProposalSettings, propose } from './propose.js';

/** The proposed boxes of each image of a batch, the best first. */
export async function proposeAll(
  { anchors: cells }: DetectorStages,
  { images, sizes }: DetectorInput,
  stage: FirstStage,
  settings: ProposalSettings,
): Promise<Boxes[]> {
  const [logits, deltas] = await Promise.all(
    [stage.logits, stage.deltas].map((values) => Promise.all(values.map((each) => each.data<'float32'>()))),
  );
  const [count, height, width] = images.shape;
  const anchors = levelAnchors(cells, stage.maps, [height, width]);
  return sizes.map(
    (size, image) => propose(outputsOf(image, count, logits!, deltas!), anchors, size, settings).boxes,
  );
}
