import { Conv2d, ConvRelu, type Graph, Module, normalWith, Sequential, type Value } from '@resnet/blocks';
import type { Random } from '@resnet/core';

export interface RpnHeadConfig {
  inChannels: number;
  /** Channels of the 3×3 convolutions. */
  channels: number;
  /** 3×3 convolutions one after another. */
  depth: number;
  /** Anchors at each position. */
  anchors: number;
  random: Random;
}

/** The values of a region proposal network for one map. */
export interface RpnOutputs {
  /** [rows, columns, anchors] */
  logits: Value;
  /** [rows, columns, anchors · 4], of each anchor dx, dy, dw, dh. */
  deltas: Value;
}

/**
 * The head of a region proposal network (Ren et al., "Faster R-CNN", Section 3.1): for each anchor at each position whether there
 * is an object, as one logit, and how its box differs. Names are torchvision's.
 */
export class RpnHead extends Module {
  readonly conv: Sequential;
  readonly clsLogits: Conv2d;
  readonly bboxPred: Conv2d;

  constructor({ inChannels, channels, depth, anchors, random }: RpnHeadConfig) {
    super();
    const common = { bias: true, initialization: normalWith(0.01), random };
    this.conv = new Sequential(
      Array.from({ length: depth }, (_, index) => {
        const from = index === 0 ? inChannels : channels;
        return new Sequential([
          new ConvRelu({ ...common, inChannels: from, outChannels: channels, size: 3 }),
        ]);
      }),
    );
    const last = { ...common, inChannels: channels, size: 1 };
    this.clsLogits = new Conv2d({ ...last, outChannels: anchors });
    this.bboxPred = new Conv2d({ ...last, outChannels: 4 * anchors });
  }

  override describe(graph: Graph, map: Value): Value {
    return this.outputs(graph, map).deltas;
  }

  outputs(graph: Graph, map: Value): RpnOutputs {
    const hidden = graph.call(this.conv, map);
    return { logits: graph.call(this.clsLogits, hidden), deltas: graph.call(this.bboxPred, hidden) };
  }
}
