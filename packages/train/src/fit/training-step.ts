import { softmaxCrossEntropy, sumOfSquares } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import type { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { Sgd } from '../optimizer/sgd.js';
import type { Recipe } from '../recipe/recipe.js';
import type { InputPart, StepInput } from './step-input.js';

export interface StepResult {
  /** Mean of the cross-entropy. */
  loss: number;
  /** Images misclassified. */
  errors: number;
  /** Seconds. On a GPU, which computes asynchronously, most of them are in `update`. */
  forward: number;
  backward: number;
  update: number;
}

/**
 * One step: forward, backward, update.
 *
 * @param number of the step, for messages
 * @param meanwhile called once all of the step but the update is queued on the backend: a GPU is then computing
 * @throws LOSS_NOT_FINITE, naming the layer, if the loss or a gradient is not finite; no weight is changed then. The
 *   gradients are looked at because a ReLU may turn NaN into 0 on the way to the loss.
 */
export async function trainingStep(
  network: Network,
  optimizer: Sgd,
  input: StepInput,
  recipe: Recipe,
  learningRate: number,
  number: number,
  meanwhile: () => void = () => {},
): Promise<StepResult> {
  const { labelSmoothing, clipNorm } = recipe;
  const seconds = { forward: 0, backward: 0, update: 0 };
  const partLosses: tf.Scalar[] = [];
  const partErrors: tf.Scalar[] = [];
  let gradients: tf.NamedTensorMap = {};
  try {
    for (const part of input.parts()) {
      const share = part.count / input.count;
      const started = performance.now();
      let forwardEnd = started;
      const { value, grads } = tf.variableGrads(() => {
        const logits = network.forward(part.images);
        partErrors.push(countErrors(logits, part));
        const loss = lossOf(logits, part, labelSmoothing);
        forwardEnd = performance.now();
        return share === 1 ? loss : tf.mul(loss, share);
      }, optimizer.variables);
      partLosses.push(value);
      gradients = sumOf(gradients, grads);
      seconds.forward += (forwardEnd - started) / 1000;
      seconds.backward += (performance.now() - forwardEnd) / 1000;
    }
    const updateStarted = performance.now();
    // One tensor, as each read from a GPU waits for all that is queued.
    const summed = tf.tidy(() =>
      tf.stack([
        tf.addN(partLosses),
        tf.cast(tf.addN(partErrors), 'float32'),
        sumOfSquares(Object.values(gradients)),
      ]),
    );
    const reading = summed.data().finally(() => summed.dispose());
    meanwhile();
    const [loss, errors, square] = await reading;
    if (!Number.isFinite(loss)) throw notFinite(`the loss of step ${number}`);
    if (!Number.isFinite(square)) {
      throw notFinite(`the gradient of ${await firstNotFinite(gradients, optimizer)} in step ${number}`);
    }
    const scale = clipNorm === null ? 1 : Math.min(1, clipNorm / (Math.sqrt(square!) + 1e-6));
    optimizer.step(gradients, learningRate, scale);
    seconds.update = (performance.now() - updateStarted) / 1000;
    return { loss: loss!, errors: errors!, ...seconds };
  } finally {
    tf.dispose([partLosses, partErrors, gradients]);
  }
}

/** The right class of a mixed image is the one that it has more of. The result is kept when the scope around it ends. */
function countErrors(logits: tf.Tensor2D, { labels, mixed }: InputPart): tf.Scalar {
  const right = mixed && mixed.share < 0.5 ? mixed.labels : labels;
  return tf.keep(
    tf.tidy(() =>
      tf.sum<tf.Scalar>(tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.tensor1d(right, 'int32')), 'int32')),
    ),
  );
}

/** @param smoothing the share of each label that is spread over all classes */
function lossOf(logits: tf.Tensor2D, { labels, mixed }: InputPart, smoothing: number): tf.Scalar {
  const loss = softmaxCrossEntropy(logits, tf.tensor1d(labels, 'int32'));
  const hard = mixed
    ? tf.add<tf.Scalar>(
        tf.mul(loss, mixed.share),
        tf.mul(softmaxCrossEntropy(logits, tf.tensor1d(mixed.labels, 'int32')), 1 - mixed.share),
      )
    : loss;
  if (smoothing === 0) return hard;
  const spread = tf.mean<tf.Scalar>(tf.sub(tf.logSumExp(logits, 1), tf.mean(logits, 1)));
  return tf.add(tf.mul(hard, 1 - smoothing), tf.mul(spread, smoothing));
}

/** Disposes of both if they are added. */
function sumOf(sums: tf.NamedTensorMap, added: tf.NamedTensorMap): tf.NamedTensorMap {
  if (Object.keys(sums).length === 0) return added;
  const next = Object.fromEntries(
    Object.entries(added).map(([name, tensor]) => [name, tf.add(sums[name]!, tensor)]),
  );
  tf.dispose([sums, added]);
  return next;
}

async function firstNotFinite(gradients: tf.NamedTensorMap, optimizer: Sgd): Promise<string> {
  for (const [variable, gradient] of Object.entries(gradients)) {
    if (!(await gradient.data()).every(Number.isFinite)) return optimizer.nameOf(variable) ?? variable;
  }
  return 'all layers together';
}

export function notFinite(what: string): ResnetError {
  const advice = 'The last checkpoint is from before. Lower the learning rate, or look for broken images.';
  return new ResnetError('LOSS_NOT_FINITE', `Training diverged: ${what} is not a finite number. ${advice}`);
}
