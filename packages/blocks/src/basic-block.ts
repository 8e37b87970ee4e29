import * as tf from '@tensorflow/tfjs-core';
import { convBatchNorm } from './conv-batch-norm.js';
import { PlainBlock, type PlainBlockConfig } from './plain-block.js';
import { createShortcut, type Shortcut, type ShortcutOption } from './shortcut.js';
import { type LayerVisitor, traceAddition, type Value } from './trace.js';

export interface BasicBlockConfig extends PlainBlockConfig {
  shortcut: ShortcutOption;
}

/**
 * A plain block with a shortcut around it: y = relu(F(x) + shortcut(x)) (Equations 1 and 2, Figure 2). With
 * shortcuts of option A it has the same weights as the plain block of the same seed.
 */
export class BasicBlock extends PlainBlock {
  readonly downsample: Shortcut;

  constructor(config: BasicBlockConfig) {
    super(config);
    const { inChannels, outChannels, stride = 1, shortcut, random } = config;
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

  override trace(input: Value, visit: LayerVisitor, name: string): Value {
    const residual = this.traceLayers(input, visit, name);
    const shortcut = this.downsample.trace(input, visit, `${name}.downsample`);
    return traceAddition(residual, shortcut, visit, name);
  }

  /** Sets γ and β of the last normalisation to 0, so that the block gives what its shortcut does. */
  zeroResidual(): void {
    this.bn2.zero();
  }

  /** Makes the block the identity, for an input without negative values. Its dimensions must not change. */
  override makeIdentity(): void {
    this.zeroResidual();
    this.downsample.makeIdentity();
  }
}
