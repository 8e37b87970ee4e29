import { type Graph, graphOf, PreparedGraph } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs-core';
import {
  type DetectorStages,
  type FasterRcnn,
  type FirstStage,
  firstStageNames,
  splitFirstStage,
} from '../networks/faster-rcnn.js';
import type { DetectorSettings } from '../networks/settings.js';

/** Side of the image that graphs are made with. They take images of any size. */
const SIDE = 224;

/** A detector for inference alone; see `prepareDetector`. */
export class PreparedDetector implements DetectorStages {
  readonly settings: DetectorSettings;
  readonly anchors: readonly Float32Array[];
  readonly #first: PreparedGraph;
  readonly #features: PreparedGraph;
  readonly #predictor: PreparedGraph;

  /** Use `prepareDetector`. */
  constructor(detector: FasterRcnn) {
    this.settings = detector.settings;
    this.anchors = detector.anchors;
    const { graph } = graphOf(detector, [SIDE, SIDE, detector.settings.backbone.inChannels ?? 3]);
    this.#first = new PreparedGraph(graph, markedValues(graph, firstStageNames(detector)));
    const { boxHead, boxPredictor } = detector.roiHeads;
    const { graph: features, output } = graphOf(boxHead, detector.regionShape);
    this.#features = new PreparedGraph(features, [output.name]);
    const { graph: predictor } = graphOf(boxPredictor, [boxPredictor.inFeatures]);
    this.#predictor = new PreparedGraph(predictor, markedValues(predictor, ['logits', 'deltas']));
  }

  first(images: tf.Tensor4D): FirstStage {
    return splitFirstStage(this.#first.run([images]) as tf.Tensor4D[]);
  }

  features(pooled: tf.Tensor4D): tf.Tensor2D {
    return this.#features.run([pooled])[0] as tf.Tensor2D;
  }

  predict(features: tf.Tensor2D): { logits: tf.Tensor2D; deltas: tf.Tensor2D } {
    const [logits, deltas] = this.#predictor.run([features]) as [tf.Tensor2D, tf.Tensor2D];
    return { logits, deltas };
  }

  dispose(): void {
    for (const graph of [this.#first, this.#features, this.#predictor]) graph.dispose();
  }
}

function markedValues(graph: Graph, names: readonly string[]): string[] {
  return names.map((name) => graph.marks.get(name)!.name);
}

/**
 * A detector made ready for inference: normalizations are folded into the convolutions before them. The weights are copied; the
 * detector may be disposed.
 *
 * @returns owns its tensors until `dispose()`
 */
export function prepareDetector(detector: FasterRcnn): PreparedDetector {
  return new PreparedDetector(detector);
}
