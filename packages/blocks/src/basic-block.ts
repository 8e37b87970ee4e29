import * as tf from '@tensorflow/tfjs-core';
import { convBatchNorm } from './conv-batch-norm.js';
import { PlainBlock, type PlainBlockConfig } from './plain-block.js';
import { createShortcut, type Shortcut, type ShortcutOption } from './shortcut.js';
import { type LayerVisitor, traceAddition } from './trace.js';

export interface BasicBlockConfig extends PlainBlockConfig {
  shortcut: ShortcutOption;
}

/**
 * A plain block with a shortcut around it: y = relu(F(x) + shortcut(x)) (Equations 1 and 2, Figure 2). With
 * shortcuts of option A it has the same weights as the plain block of the same seed.
 */
export class BasicBlock extends PlainBlock {
  readonly downsample: Shortcut;

  constructor({ inChannels, outChannels, stride = 1, shortcut, random }: BasicBlockConfig) {
    super({ inChannels, outChannels, stride, random });
    this.downsample = createShortcut({ option: shortcut, inChannels, outChannels, stride, random });
  }

  /** @param x [count, height, width, inChannels] */
  override forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const hidden = convBatchNorm(x, this.conv1, this.bn1, { relu: true });
      const residual = this.downsample.forward(x);
      return convBatchNorm(hidden, this.conv2, this.bn2, { residual, relu: true });
    });
  }

  override trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const outputShape = super.trace(shape, visit, name);
    this.downsample.trace(shape, visit, `${name}.downsample`);
    return traceAddition(outputShape, visit, name);
  }
}
