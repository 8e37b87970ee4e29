import {
  BatchNorm,
  Conv2d,
  ConvRelu,
  GlobalAveragePool,
  type Graph,
  Linear,
  LinearRelu,
  Module,
  normalWith,
  Relu,
  Sequential,
  type Value,
} from '@resnet/blocks';
import type { Random } from '@resnet/core';

interface HeadConfig {
  inChannels: number;
  /** Side of the regions' maps. */
  size: number;
  /** Features that it gives. */
  features: number;
  random: Random;
}

/** Two fully connected layers with ReLU, from a region's map to its features. Names are torchvision's. */
export class TwoLayerHead extends Module {
  readonly fc6: ConvRelu;
  readonly flatten = new GlobalAveragePool();
  readonly fc7: LinearRelu;

  constructor({ features, random, ...config }: HeadConfig) {
    super();
    this.fc6 = fullyConnected({ features, random, ...config });
    this.fc7 = new LinearRelu({ inFeatures: features, outFeatures: features, random });
  }

  override describe(graph: Graph, map: Value): Value {
    return graph.chain(map, this.fc6, this.flatten, this.fc7);
  }
}

/** Four 3×3 convolutions with batch normalization, and a fully connected layer: torchvision's second version. */
export function convolutionsHead({ inChannels, features, random, size }: HeadConfig): Sequential {
  const convolution = () =>
    new Sequential([
      new Conv2d({ inChannels, outChannels: inChannels, size: 3, random }),
      new BatchNorm(inChannels),
      new Relu(),
    ]);
  return new Sequential({
    ...[convolution(), convolution(), convolution(), convolution()],
    // The fourth is PyTorch's flattening.
    5: fullyConnected({ inChannels, features, random, size }),
    6: new GlobalAveragePool(),
  });
}

/** The paper's head: the stage after the trunk on each region, and its average ("Networks on Conv feature maps"). */
export class StageHead extends Module {
  readonly avgpool = new GlobalAveragePool();
  readonly #stage: Module;

  /** @param name the stage's in files: 'layer4' */
  constructor(name: string, stage: Module) {
    super();
    this.#stage = stage;
    Object.assign(this, { [name]: stage });
  }

  override describe(graph: Graph, map: Value): Value {
    const value = graph.call(this.#stage, map);
    // VGG's fully connected layers give vectors themselves.
    return value.shape.length === 1 ? value : graph.call(this.avgpool, value);
  }
}

/** A convolution as large as the map: the numbers of a fully connected layer on it, in the order in which PyTorch flattens maps. */
function fullyConnected({ inChannels, size, features, random }: HeadConfig): ConvRelu {
  const config = { inChannels, outChannels: features, size, padding: 0, bias: true, isFlat: true, random };
  return new ConvRelu(config);
}

/** The two last layers: scores of the classes, of which the first is the background, and a box for each of them. */
export class BoxPredictor extends Module {
  readonly clsScore: Linear;
  readonly bboxPred: Linear;

  /** @param classes with the background */
  constructor({ features, classes, random }: { features: number; classes: number; random: Random }) {
    super();
    // As in Fast R-CNN, Section 3.
    this.clsScore = new Linear({
      inFeatures: features,
      outFeatures: classes,
      initialization: normalWith(0.01),
      random,
    });
    this.bboxPred = new Linear({
      inFeatures: features,
      outFeatures: 4 * classes,
      initialization: normalWith(0.001),
      random,
    });
  }

  get inFeatures(): number {
    return this.clsScore.weight.shape[0]!;
  }

  override describe(graph: Graph, features: Value): Value {
    const logits = graph.call(this.clsScore, features);
    const deltas = graph.call(this.bboxPred, features);
    graph.mark('logits', logits);
    graph.mark('deltas', deltas);
    return deltas;
  }
}
