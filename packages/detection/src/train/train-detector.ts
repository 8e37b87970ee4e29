import type { DetectionDataset } from '@resnet/data';
import { type RunTaskOptions, type RunTaskResult, runTask } from '@resnet/train/node';
import { saveDetector } from '../model/files.js';
import { detectorMetadata } from '../model/model.js';
import type { FasterRcnn } from '../networks/faster-rcnn.js';
import type { DetectionFitOptions } from './detection-task.js';
import { fitDetector } from './fit-detector.js';

export interface DetectorRunOptions extends RunTaskOptions, Omit<DetectionFitOptions, keyof RunTaskOptions> {
  detector: FasterRcnn;
  recipe: DetectionFitOptions['recipe'];
  test: DetectionDataset;
}

/**
 * Trains a detector and leaves a folder as `trainRun` of `@resnet/train` does: `model.safetensors`, `best.safetensors` (of the test with
 * the highest mAP), `metrics.jsonl`, `curves.svg`, `report.md` and the last checkpoints, from which `resume` goes on.
 *
 * @throws as `runTask` of `@resnet/train` and `fitDetector`
 */
export async function trainDetector(options: DetectorRunOptions): Promise<RunTaskResult> {
  const { detector, train, test, recipe, normalization } = options;
  const { folder: _, resume: __, ...fitting } = options;
  const { backbone, style, ...others } = detector.settings;
  const described = ({ name, count, classes }: DetectionDataset) => ({ name, count, classes: [...classes] });
  const model = { detector, normalization, classNames: train.classes };
  const architecture = { name: `faster-rcnn-${backbone.name}-${style}`, backbone, style, ...others };
  const settings = {
    ...{ architecture, recipe, train: described(train), test: described(test) },
    normalization: { mean: [...normalization.mean], std: [...normalization.std] },
  };
  return runTask(
    {
      network: detector,
      settings,
      about: { architecture, train, test, score: recipe.examples.learns === 'proposals' ? 'recall' : 'mAP' },
      metadata: detectorMetadata(model),
      train: (common) => fitDetector(detector, { ...fitting, ...common, recipe }),
      saveModel: (path) => saveDetector(path, model),
    },
    options,
  );
}
