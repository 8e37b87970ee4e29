import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameter.js';
import { Layer } from './layer.js';

/** A normalization of maps with a learned scale γ and shift β for each channel. */
export abstract class NormLayer extends Layer<tf.Tensor4D, tf.Tensor4D> {
  /** γ, [channels] */
  abstract readonly weight: Parameter;
  /** β, [channels] */
  abstract readonly bias: Parameter;

  /** Sets γ and β to 0, so that the result is zero everywhere. */
  zero(): void {
    for (const parameter of [this.weight, this.bias]) {
      tf.tidy(() => parameter.variable.assign(tf.zerosLike(parameter.variable)));
    }
  }

  /** Makes it the identity in inference. @throws LAYER_UNSUPPORTED where that is impossible */
  abstract makeIdentity(): void;
}
