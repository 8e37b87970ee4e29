import { upsampleNearest } from '@resnet/backend';
import { Layer, type Shape } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';

/** A map scaled to the size of another one, each pixel that of the nearest: the way down of a feature pyramid. */
export class UpsampleTo extends Layer<tf.Tensor4D, tf.Tensor4D> {
  readonly kind = 'upsampling';

  override outputShape(x: Shape, like: Shape): Shape {
    if (x.length === 3 && like?.length === 3) return [like[0]!, like[1]!, x[2]!];
    throw new ResnetError('SHAPE_MISMATCH', `An upsampling takes two maps, found [${x}] and [${like}].`);
  }

  override infer(_: object, x: tf.Tensor, like: tf.Tensor): tf.Tensor4D {
    const [, height, width] = like.shape as [number, number, number, number];
    return upsampleNearest(x as tf.Tensor4D, [height, width]);
  }
}
