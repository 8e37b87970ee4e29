import {
  BasicBlock,
  BatchNorm,
  BOTTLENECK_EXPANSION,
  Bottleneck,
  Conv2d,
  convBatchNorm,
  GlobalAveragePool,
  type LayerVisitor,
  Linear,
  MaxPool,
  Sequential,
  traceInOrder,
} from '@resnet/blocks';
import { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { CheapRandom } from './cheap-random.js';
import type { Block } from './layers.js';
import { drawStatistics } from './statistics.js';

/** The paper's Table 1: blocks in each of the four stages. */
const architectures = {
  resnet18: { bottlenecks: false, blocks: [2, 2, 2, 2] },
  resnet34: { bottlenecks: false, blocks: [3, 4, 6, 3] },
  resnet50: { bottlenecks: true, blocks: [3, 4, 6, 3] },
  resnet101: { bottlenecks: true, blocks: [3, 4, 23, 3] },
  resnet152: { bottlenecks: true, blocks: [3, 8, 36, 3] },
} as const;

type ImageNetName = keyof typeof architectures;

const stageWidths = [64, 128, 256, 512] as const;
const classes = 1000;

/** Whether a network is one of `ImageNetResNet`. */
export function isImageNetName(name: string): name is ImageNetName {
  return Object.hasOwn(architectures, name);
}

/** A network for 224×224 images (Table 1), shortcuts of option B, the stride on the 3×3 layer as in torchvision. */
export class ImageNetResNet extends Network {
  readonly conv1: Conv2d;
  readonly bn1 = new BatchNorm(stageWidths[0]);
  readonly maxpool = new MaxPool({ size: 3, stride: 2, padding: 1 });
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool = new GlobalAveragePool();
  readonly fc: Linear;

  /** With random weights, and running statistics as after training. */
  constructor(name: ImageNetName) {
    super({ name, classes, inChannels: 3, shortcut: 'B' }, [224, 224, 3]);
    const { bottlenecks, blocks } = architectures[name];
    const random = new CheapRandom();
    this.conv1 = new Conv2d({ inChannels: 3, outChannels: stageWidths[0], size: 7, stride: 2, random });
    let inChannels: number = stageWidths[0];
    const stage = (index: 0 | 1 | 2 | 3) => {
      const width = stageWidths[index];
      const outChannels = bottlenecks ? width * BOTTLENECK_EXPANSION : width;
      const block = (place: number): Block => {
        const stride = index > 0 && place === 0 ? 2 : 1;
        const config = { inChannels, stride, shortcut: 'B', random } as const;
        inChannels = outChannels;
        return bottlenecks
          ? new Bottleneck({ ...config, width, strideOn: '3x3' })
          : new BasicBlock({ ...config, outChannels });
      };
      return new Sequential(Array.from({ length: blocks[index] }, (_, place) => block(place)));
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.fc = new Linear({ inFeatures: inChannels, outFeatures: classes, random });
    drawStatistics(this, random);
  }

  get blocks(): Block[] {
    return [this.layer1, this.layer2, this.layer3, this.layer4].flatMap((stage) =>
      [...stage.children()].map(([, block]) => block as Block),
    );
  }

  forward(x: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const stem = this.maxpool.forward(convBatchNorm(x, this.conv1, this.bn1, { relu: true }));
      const maps = this.blocks.reduce((current, block) => block.forward(current), stem);
      return this.fc.forward(this.avgpool.forward(maps));
    });
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const { conv1, bn1, maxpool, layer1, layer2, layer3, layer4, avgpool, fc } = this;
    const modules = { conv1, bn1, maxpool, layer1, layer2, layer3, layer4, avgpool, fc };
    return traceInOrder(modules, shape, visit, name);
  }
}
