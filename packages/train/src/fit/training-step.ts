import { defined, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Sgd } from '../optimizer/sgd.js';
import type { CommonRecipe } from '../recipe/common-recipe.js';
import { PartSums } from './part-sums.js';
import type { BatchPart, StepInput, Task } from './task.js';

export interface StepResult {
  /** Mean over the images. */
  loss: number;
  /** Sum over the answers. */
  errors: number;
  /** Answers judged, where they are not the images. */
  answers?: number;
  /** What the loss is made of, where the task says it. */
  losses?: Record<string, number>;
  /** Seconds. On a GPU, which computes asynchronously, most of them are in `update`. */
  forward: number;
  backward: number;
  update: number;
}

/** A step that has begun. */
export interface TrainingStep {
  /** Counted from 1, for messages. */
  number: number;
  learningRate: number;
  images: number;
  /**
   * Waits until it is computed; to be called once.
   *
   * @throws LOSS_NOT_FINITE, naming the layer, if the loss or a gradient is not finite; no weight is changed then, nor by the steps
   *   that have begun since. The gradients are looked at because a ReLU may turn NaN into 0 on the way to the loss.
   */
  result(): Promise<StepResult>;
  /** Frees what the result would be found in. */
  dispose(): void;
}

export interface StepperOptions<Part extends BatchPart> {
  task: Pick<Task<Part>, 'prepare' | 'loss'>;
  optimizer: Sgd;
  recipe: Pick<CommonRecipe, 'clipNorm'>;
  /**
   * Whether the update does not wait until JavaScript has seen the loss: a GPU then has work while the next step begins. If the loss or a
   * gradient is not finite, the GPU itself leaves the weights as they are.
   */
  isAhead: boolean;
  /** Called after each update. */
  onUpdate?: () => void;
}

/** Makes the steps of a training run: forward, backward, update. */
export class Stepper<Part extends BatchPart> {
  /** What the last step multiplied its gradients by. */
  #lastFactor: tf.Scalar | undefined;

  constructor(private readonly options: StepperOptions<Part>) {}

  /**
   * Begins the next step. The steps before it have begun, in order.
   *
   * @param learningRate of this step
   * @param number of the step, from 1
   */
  async begin(input: StepInput<Part>, learningRate: number, number: number): Promise<TrainingStep> {
    const { optimizer, recipe, isAhead, onUpdate } = this.options;
    const { gradients, sums, seconds, answers, names } = await this.#computeGradients(input, number);
    const updateStarted = performance.now();
    const update = (factor: number | tf.Scalar) => {
      optimizer.step(gradients, learningRate, factor);
      onUpdate?.();
    };
    if (isAhead) {
      try {
        update(this.#nextFactor(sums));
      } catch (error) {
        tf.dispose([gradients, sums]);
        throw error;
      }
    }
    const reading = sums.data().finally(() => sums.dispose());
    // `result` may be called much later, or never.
    reading.catch(() => {});
    let working = performance.now() - updateStarted;
    const result = async (): Promise<StepResult> => {
      const asked = performance.now();
      const [loss, errors, square, ...losses] = await reading;
      if (!Number.isFinite(loss)) throw notFinite(`the loss of step ${number}`);
      if (!Number.isFinite(square)) {
        throw notFinite(`the gradient of ${await firstNotFinite(gradients, optimizer)} in step ${number}`);
      }
      if (!isAhead) update(clipFactor(recipe, square!));
      working += performance.now() - asked;
      const named = Object.fromEntries(names.map((name, index) => [name, losses[index]!]));
      return {
        ...{ loss: loss!, errors: errors!, ...seconds, update: working / 1000 },
        ...defined({ answers, losses: names.length > 0 ? named : undefined }),
      };
    };
    return { number, learningRate, images: input.count, result, dispose: () => tf.dispose(gradients) };
  }

  dispose(): void {
    this.#lastFactor?.dispose();
  }

  /**
   * The gradients, by the names of the variables, and a vector of the loss, the errors, the sum of the squares of the gradients, and the
   * named losses.
   */
  async #computeGradients(input: StepInput<Part>, number: number) {
    const { task, optimizer } = this.options;
    const seconds = { forward: 0, backward: 0 };
    const sums = new PartSums();
    let gradients: tf.NamedTensorMap = {};
    try {
      for (const part of input.parts()) {
        const share = part.count / input.count;
        const started = performance.now();
        if (task.prepare) await task.prepare(part, number);
        let forwardEnd = started;
        const { value, grads } = tf.variableGrads(() => {
          const computed = task.loss(part, number);
          sums.add(computed, share);
          forwardEnd = performance.now();
          return share === 1 ? computed.loss : tf.mul(computed.loss, share);
        }, optimizer.variables);
        sums.losses.push(value);
        gradients = sumOf(gradients, grads);
        seconds.forward += (forwardEnd - started) / 1000;
        seconds.backward += (performance.now() - forwardEnd) / 1000;
      }
      const { answers, names } = sums;
      return { gradients, sums: sums.stack(gradients), seconds, answers, names };
    } catch (error) {
      tf.dispose(gradients);
      throw error;
    } finally {
      sums.dispose();
    }
  }

  /** What the gradients are multiplied by; it is not finite from the first step on whose loss or gradient is not. */
  #nextFactor(sums: tf.Tensor): tf.Scalar {
    const { clipNorm } = this.options.recipe;
    const last = this.#lastFactor;
    this.#lastFactor = tf.tidy(() => {
      const [loss, , square] = tf.unstack(sums) as [tf.Scalar, tf.Scalar, tf.Scalar, ...tf.Scalar[]];
      const seen = tf.addN(last ? [loss, square, last] : [loss, square]);
      const factor = clipNorm === null ? 1 : tf.minimum(1, tf.div(clipNorm, tf.add(tf.sqrt(square), 1e-6)));
      return tf.add<tf.Scalar>(tf.mul(seen, 0), factor);
    });
    last?.dispose();
    return this.#lastFactor;
  }
}

/** What scales the gradients down to the recipe's norm. */
function clipFactor({ clipNorm }: Pick<CommonRecipe, 'clipNorm'>, square: number): number {
  return clipNorm === null ? 1 : Math.min(1, clipNorm / (Math.sqrt(square) + 1e-6));
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
