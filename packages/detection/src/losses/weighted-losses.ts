import * as tf from '@tensorflow/tfjs-core';

/**
 * The sum of binary cross-entropies of logits, each times its weight. Differentiable with respect to the logits.
 *
 * @param targets 0 or 1, of the same shape
 * @param weights of the same shape; those of 0 don't count
 */
export function binaryCrossEntropy(logits: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  return weightedSum([logits, targets, weights], {
    each: (x, target) => {
      const tail = tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(x)))));
      return tf.add(tf.sub(tf.relu(x), tf.mul(x, target)), tail);
    },
    slope: (x, target) => tf.sub(tf.sigmoid(x), target),
  });
}

/**
 * The sum of smooth L1 losses (Girshick, "Fast R-CNN", Equation 3), each times its weight: squared below β, absolute above.
 * Differentiable with respect to the values.
 *
 * @param targets of the same shape
 * @param weights of the same shape; those of 0 don't count
 */
export function smoothL1(values: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, beta: number): tf.Scalar {
  return weightedSum([values, targets, weights], {
    each: (x, target) => {
      const distance = tf.abs(tf.sub(x, target));
      const near = tf.minimum(distance, beta);
      return tf.div(tf.mul(near, tf.sub(distance, tf.mul(near, 0.5))), beta);
    },
    slope: (x, target) => tf.clipByValue(tf.div(tf.sub(x, target), beta), -1, 1),
  });
}

interface Loss {
  each(x: tf.Tensor, target: tf.Tensor): tf.Tensor;
  /** Its derivative with respect to x. */
  slope(x: tf.Tensor, target: tf.Tensor): tf.Tensor;
}

function weightedSum([values, targets, weights]: [tf.Tensor, tf.Tensor, tf.Tensor], loss: Loss): tf.Scalar {
  const sum = tf.customGrad((...given) => {
    const [x, save] = given as unknown as [tf.Tensor, (tensors: tf.Tensor[]) => void];
    // Targets and weights too: what the forward pass made is disposed before the backward pass.
    save([x, targets, weights]);
    return {
      value: tf.tidy(() => tf.sum(tf.mul(loss.each(x, targets), weights))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, targets, weights] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        return tf.mul(dy, tf.mul(weights, loss.slope(x, targets)));
      },
    };
  });
  return sum(values) as tf.Scalar;
}
