import { BatchNorm, type Graph, graphOf, Module, runGraph, type Value } from '@resnet/blocks';
import { makeAnchors } from '@resnet/boxes';
import { checkInteger, defined, ResnetError } from '@resnet/core';
import { create, randomFor } from '@resnet/zoo';
import type * as tf from '@tensorflow/tfjs-core';
import { BoxPredictor, convolutionsHead, StageHead, TwoLayerHead } from './box-heads.js';
import { FeaturePyramid } from './feature-pyramid.js';
import { RpnHead } from './rpn-head.js';
import {
  type DetectorSettings,
  detectorSettings,
  type FasterRcnnOptions,
  type InitialOptions,
} from './settings.js';
import { type CutNetwork, cutNetwork, type Trunk } from './trunk.js';

/** The trunk and, in the style 'fpn', the pyramid on it. */
class Backbone extends Module {
  readonly body: Trunk;
  readonly fpn: FeaturePyramid | undefined;
  readonly #stages: readonly string[];

  constructor(body: Trunk, fpn: FeaturePyramid | undefined, stages: readonly string[]) {
    super();
    this.body = body;
    this.fpn = fpn;
    this.#stages = stages;
  }

  override describe(graph: Graph, image: Value): Value {
    return this.levels(graph, image).at(-1)!;
  }

  levels(graph: Graph, image: Value): Value[] {
    graph.call(this.body, image);
    const maps = this.#stages.map((stage) => graph.marks.get(stage)!);
    return this.fpn ? this.fpn.levels(graph, maps) : maps;
  }
}

class RegionProposals extends Module {
  constructor(readonly head: RpnHead) {
    super();
  }

  override describe(graph: Graph, map: Value): Value {
    return graph.call(this.head, map);
  }
}

/** From a region's map to its features, and from features to scores and boxes. */
class RegionHeads extends Module {
  constructor(
    readonly boxHead: Module,
    readonly boxPredictor: BoxPredictor,
  ) {
    super();
  }

  override describe(graph: Graph, map: Value): Value {
    return graph.chain(map, this.boxHead, this.boxPredictor);
  }
}

/** The maps of a batch and what the region proposal network makes of them, of the largest map first. */
export interface FirstStage {
  /** [count, rows, columns, channels] */
  maps: tf.Tensor4D[];
  /** [count, rows, columns, anchors] */
  logits: tf.Tensor4D[];
  /** [count, rows, columns, anchors · 4] */
  deltas: tf.Tensor4D[];
}

/** What is computed of a detector, in training or by prepared steps. */
export interface DetectorStages {
  readonly settings: DetectorSettings;
  /** Of each level, the anchors at a position, around 0: xyxy. */
  readonly anchors: readonly Float32Array[];
  /** @param images [count, height, width, channels], normalized, whose sides are multiples of `multiple` */
  first(images: tf.Tensor4D): FirstStage;
  /** @param pooled [N, size, size, channels] @returns [N, features] */
  features(pooled: tf.Tensor4D): tf.Tensor2D;
  /** @param features [N, features], of twice as many with context */
  predict(features: tf.Tensor2D): { logits: tf.Tensor2D; deltas: tf.Tensor2D };
}

/**
 * Faster R-CNN (Ren et al.; the paper's Section 4.3): a network that proposes regions, and one that tells their classes and boxes, on
 * one trunk.
 */
export class FasterRcnn extends Module implements DetectorStages {
  readonly settings: DetectorSettings;
  readonly anchors: readonly Float32Array[];
  readonly backbone: Backbone;
  readonly rpn: RegionProposals;
  readonly roiHeads: RegionHeads;
  readonly #mapChannels: number;

  /** Use `fasterRcnn`. */
  constructor(
    settings: DetectorSettings,
    { seed = 0, initialize = true, zeroInitLast }: InitialOptions = {},
  ) {
    super();
    const { style, backbone, classes, stages, pyramid, anchors, rpn, epsilon } = settings;
    checkInteger('classes', classes, 1, 2 ** 16);
    this.settings = settings;
    const { name, ...network } = backbone;
    const random = randomFor({ seed, initialize });
    const cut = cutNetwork(
      create(name, { ...network, classes: 1, seed, initialize, ...defined({ zeroInitLast }) }),
      style === 'c4' ? stages[0] : undefined,
    );
    const { trunk } = cut;
    setEpsilon(trunk, epsilon);
    const channels = channelsOf(trunk, stages, network.inChannels ?? 3);
    const fpn = style === 'c4' ? undefined : new FeaturePyramid({ ...pyramid, inChannels: channels, random });
    this.backbone = new Backbone(trunk, fpn, stages);
    const mapChannels = fpn ? pyramid.channels : channels[0]!;
    this.#mapChannels = mapChannels;
    this.anchors = anchors.sizes.map((sizes) => makeAnchors({ sizes, ratios: anchors.ratios }));
    const levels = fpn ? stages.length + (pyramid.hasExtraLevel ? 1 : 0) : 1;
    const counts = new Set(this.anchors.map(({ length }) => length / 4));
    if (this.anchors.length !== levels || counts.size !== 1) {
      throw new ResnetError(
        'OPTION_INVALID',
        `The detector has ${levels} levels, and needs the sizes of the anchors of each, as many for every level; found sizes for ${anchors.sizes.length} (${JSON.stringify(anchors.sizes)}).`,
      );
    }
    const [anchorCount] = counts;
    this.rpn = new RegionProposals(
      new RpnHead({ ...rpn, inChannels: mapChannels, anchors: anchorCount!, random }),
    );
    const { boxHead, features } = regionHead(settings, cut, mapChannels, random);
    const allFeatures = features * (settings.head.hasContext ? 2 : 1);
    const predictor = new BoxPredictor({ features: allFeatures, classes: classes + 1, random });
    this.roiHeads = new RegionHeads(boxHead, predictor);
  }

  /** [size, size, channels] of a region's map. */
  get regionShape(): [number, number, number] {
    return [this.settings.head.size, this.settings.head.size, this.#mapChannels];
  }

  /** The first stage for one image: the region heads take regions. */
  override describe(graph: Graph, image: Value): Value {
    const levels = this.backbone.levels(graph, image);
    for (const [index, map] of levels.entries()) {
      const { logits, deltas } = this.rpn.head.outputs(graph, map);
      graph.mark(`map${index}`, map);
      graph.mark(`logits${index}`, logits);
      graph.mark(`deltas${index}`, deltas);
    }
    return levels.at(-1)!;
  }

  first(images: tf.Tensor4D): FirstStage {
    const { graph } = graphOf(this, images.shape.slice(1));
    const names = firstStageNames(this);
    const values = runGraph(
      graph,
      [images],
      names.map((name) => graph.marks.get(name)!.name),
    );
    return splitFirstStage(values as tf.Tensor4D[]);
  }

  features(pooled: tf.Tensor4D): tf.Tensor2D {
    return this.roiHeads.boxHead.forward(pooled) as tf.Tensor2D;
  }

  predict(features: tf.Tensor2D): { logits: tf.Tensor2D; deltas: tf.Tensor2D } {
    const { graph } = graphOf(this.roiHeads.boxPredictor, features.shape.slice(1));
    const names = ['logits', 'deltas'].map((mark) => graph.marks.get(mark)!.name);
    const [logits, deltas] = runGraph(graph, [features], names) as [tf.Tensor2D, tf.Tensor2D];
    return { logits, deltas };
  }

  /**
   * Fixes the batch normalizations of the whole detector, γ and β too, so that they are linear with the statistics that they have
   * (Section 4.3). Their convolutions are trained further.
   */
  fixBatchNorm(): void {
    for (const module of modulesOf(this)) if (module instanceof BatchNorm) module.freeze();
  }

  /**
   * Excludes the trunk up to and including this stage from training: 'stem', 'layer1' and so on; 'backbone' for all that both networks
   * share, as in the last two steps of Faster R-CNN's training in four steps.
   */
  freezeThrough(stage: string): void {
    if (stage === 'backbone') {
      this.backbone.freeze();
      return;
    }
    const names = this.backbone.body.stageNames;
    if (!names.includes(stage)) {
      const message = `The trunk has the stages ${names.join(', ')}, and all is the 'backbone'; found '${stage}'.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    this.backbone.body.freezeThrough(stage);
  }
}

/**
 * A detector with new weights, in training mode.
 *
 * @throws OPTION_INVALID if the anchors don't fit the levels, or the network is none that can be cut; UNKNOWN_NAME
 */
export function fasterRcnn(options: FasterRcnnOptions): FasterRcnn {
  return new FasterRcnn(detectorSettings(options), options);
}

/** The names of the values of the first stage, as `splitFirstStage` takes them. */
export function firstStageNames({ anchors }: DetectorStages): string[] {
  return ['map', 'logits', 'deltas'].flatMap((kind) => anchors.map((_, level) => `${kind}${level}`));
}

export function splitFirstStage(values: tf.Tensor4D[]): FirstStage {
  const levels = values.length / 3;
  const [maps, logits, deltas] = [0, 1, 2].map((kind) => values.slice(kind * levels, (kind + 1) * levels));
  return { maps: maps!, logits: logits!, deltas: deltas! };
}

function regionHead(
  { head }: DetectorSettings,
  { next }: CutNetwork,
  inChannels: number,
  random: ReturnType<typeof randomFor>,
): { boxHead: Module; features: number } {
  const { kind, size, features } = head;
  if (kind === 'two-layer')
    return { boxHead: new TwoLayerHead({ inChannels, size, features, random }), features };
  if (kind === 'convolutions') {
    return { boxHead: convolutionsHead({ inChannels, size, features, random }), features };
  }
  if (!next) {
    const message =
      "The head 'stage' needs a stage after the maps: the trunk must end before the network's last one.";
    throw new ResnetError('OPTION_INVALID', message);
  }
  const boxHead = new StageHead(next.name, next.stage);
  return { boxHead, features: graphOf(boxHead, [size, size, inChannels]).output.shape[0]! };
}

function setEpsilon(module: Module, epsilon: number): void {
  for (const each of modulesOf(module)) if (each instanceof BatchNorm) each.epsilon = epsilon;
}

function* modulesOf(module: Module): Iterable<Module> {
  yield module;
  for (const [, child] of module.children()) yield* modulesOf(child);
}

/** Channels of the stages' maps, whatever the image's size. */
function channelsOf(trunk: Trunk, stages: readonly string[], inChannels: number): number[] {
  const { marks } = graphOf(trunk, [224, 224, inChannels]).graph;
  return stages.map((stage) => {
    const value = marks.get(stage);
    if (value) return value.shape[2]!;
    const message = `The trunk has the stages ${trunk.stageNames.join(', ')}; found '${stage}'.`;
    throw new ResnetError('OPTION_INVALID', message);
  });
}
