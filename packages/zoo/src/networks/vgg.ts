import {
  ConvRelu,
  GlobalAveragePool,
  Linear,
  LinearRelu,
  MaxPool,
  type Module,
  Sequential,
} from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import { type CommonOptions, randomFor } from './initial-weights.js';
import { Network } from './network.js';
import { VGG_DEPTHS, VGG_PLANS, VGG_WIDTHS } from './plans.js';

export interface VggOptions extends CommonOptions {
  /** Side of the images in pixels, at least 224, which is the default. */
  imageSize?: number;
}

const hiddenFeatures = 4096;

/**
 * VGG-16 and VGG-19 (Simonyan and Zisserman, "Very Deep Convolutional Networks"), which the paper compares with: in Figure 3,
 * and by 15.3 and 19.6 billion multiply-adds in Section 3.3. Names and layouts of the weights are torchvision's. Without
 * the dropout that its authors train it with.
 */
export class Vgg extends Network {
  readonly features: Sequential;
  readonly classifier: Sequential;

  /** Use `vgg`. */
  constructor(depth: (typeof VGG_DEPTHS)[number], options: VggOptions) {
    const plan = VGG_PLANS[depth];
    if (!plan) {
      throw new ResnetError('OPTION_INVALID', `VGG has ${VGG_DEPTHS.join(' or ')} layers, found ${depth}.`);
    }
    const { classes = 1000, inChannels = 3, imageSize } = options;
    super({ name: `vgg${depth}`, classes, inChannels, ...defined({ imageSize }) }, 224);
    if (this.inputShape[0] < 224) {
      const message = `VGG takes images of at least 224 × 224, found ${imageSize}. Scale them to such a size.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    const random = randomFor(options);
    const modules: Record<string, Module> = {};
    let index = 0;
    let currentChannels = inChannels;
    for (const [stage, count] of plan.entries()) {
      const outChannels = VGG_WIDTHS[stage]!;
      for (let layer = 0; layer < count; layer++) {
        modules[index] = new ConvRelu({
          inChannels: currentChannels,
          outChannels,
          size: 3,
          bias: true,
          random,
        });
        currentChannels = outChannels;
        // PyTorch counts the ReLU as a module.
        index += 2;
      }
      modules[index++] = new MaxPool({ size: 2, stride: 2 });
    }
    this.features = new Sequential(modules);
    const outChannels = hiddenFeatures;
    this.classifier = new Sequential({
      // The first is a convolution as large as the map: the same numbers, in the order that files have them.
      0: new ConvRelu({
        inChannels: currentChannels,
        outChannels,
        size: 7,
        padding: 0,
        bias: true,
        isFlat: true,
        random,
      }),
      // Of one position, where images have 224×224; of larger ones its scores are averaged.
      1: new GlobalAveragePool(),
      3: new LinearRelu({ inFeatures: hiddenFeatures, outFeatures: hiddenFeatures, random }),
      6: new Linear({ inFeatures: hiddenFeatures, outFeatures: classes, random }),
    });
  }

  get fc(): Linear {
    return this.classifier.modules[6] as Linear;
  }

  set fc(layer: Linear) {
    this.classifier.modules[6] = layer;
  }

  /** The stages, each with the pool at its end, and the fully connected layers by the numbers of their depth. */
  override parts(): Map<string, readonly Module[]> {
    const parts = new Map<string, readonly Module[]>();
    let stage: Module[] = [];
    for (const [, module] of this.features.children()) {
      stage.push(module);
      if (!(module instanceof MaxPool)) continue;
      parts.set(`stage${parts.size + 1}`, stage);
      stage = [];
    }
    const { 0: first, 1: pool, 3: second, 6: last } = this.classifier.modules;
    parts.set('hidden1', [first!, pool!]);
    parts.set('hidden2', [second!]);
    parts.set('fc', [last!]);
    return parts;
  }
}

/**
 * VGG with 16 or 19 weighted layers, for images of 224×224 pixels.
 *
 * @throws OPTION_INVALID for other depths
 */
export function vgg(depth: (typeof VGG_DEPTHS)[number], options: VggOptions = {}): Vgg {
  return new Vgg(depth, options);
}
