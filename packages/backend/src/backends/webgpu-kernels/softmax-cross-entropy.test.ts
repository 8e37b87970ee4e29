import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../conformance/difference-of.js';
import * as reference from '../../conformance/reference.js';
import { type Array64, array64 } from '../../conformance/reference.js';
import { batchNormTraining, batchNormTrainingGradient } from '../../ops/batch-norm.js';
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.js';
import { checkTensors, epsilon, tensorOf, tfjsBackend, useWebgpu } from './test-support.js';

describe('softmax cross-entropy on webgpu', () => {
  useWebgpu();
  checkTensors();

  it.each([
    { rows: 1, classes: 10, spread: 1 },
    { rows: 300, classes: 10, spread: 1 },
    { rows: 3, classes: 1000, spread: 3 },
    { rows: 4, classes: 257, spread: 500 },
  ])(
    'softmax cross-entropy of $rows rows, $classes classes, spread by $spread',
    async ({ rows, classes, spread }) => {
      const random = new Random(6);
      const logits = array64([rows, classes], () => Math.fround(spread * random.normal()));
      const labels = Array.from({ length: rows }, (_, row) => (7 * row) % classes);
      const { value, grad } = tf.tidy(() => {
        const target = tf.tensor1d(labels, 'int32');
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
          softmaxCrossEntropy(x as tf.Tensor2D, target),
        )(tensorOf(logits));
        return { value, grad };
      });
      expect(await differenceOf(value, reference.softmaxCrossEntropy(logits, labels))).toBeLessThan(3e-6);
      expect(await differenceOf(grad, softmaxGradient(logits, labels))).toBeLessThan(2e-5);
      tf.dispose([value, grad]);
    },
  );

  it('lets NaN through to the statistics, the values, the gradients and the loss, and no farther', async () => {
    const { y, mean, gradients, loss } = tf.tidy(() => {
      const x = tensorOf<tf.Tensor4D>(array64([1, 2, 2, 2], (index) => (index === 2 ? NaN : index)));
      const parameters = { gamma: tf.ones<tf.Rank.R1>([2]), beta: tf.zeros<tf.Rank.R1>([2]), epsilon };
      const { y, mean, variance } = batchNormTraining(x, parameters, { relu: true });
      const gradients = batchNormTrainingGradient(
        { dy: x, x, y, gamma: parameters.gamma, mean, variance },
        { epsilon, relu: true, residual: false },
      );
      const loss = softmaxCrossEntropy(tf.tensor2d([[0, NaN, 1]]), tf.tensor1d([0], 'int32'));
      return { y, mean, gradients, loss };
    });
    const finite = async (tensor: tf.Tensor) => Array.from(await tensor.data(), Number.isFinite);
    expect(await finite(mean)).toEqual([false, true]);
    expect(await finite(y)).toEqual([false, true, false, true, false, true, false, true]);
    expect(await finite(gradients.dx)).toEqual([false, true, false, true, false, true, false, true]);
    expect(await finite(gradients.dGamma)).toEqual([false, true]);
    expect(await finite(loss)).toEqual([false]);
    tf.dispose([y, mean, loss, gradients as unknown as tf.NamedTensorMap]);
  });

  it('refuses what they do not take, saying what it is', () => {
    const [logits, labels] = [tf.zeros([2, 3], 'int32'), tf.zeros([2], 'int32')];
    expect(() => tf.engine().runKernel('SoftmaxCrossEntropy', { logits, labels })).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining('logits int32 [2,3]'),
      }),
    );
    tf.dispose([logits, labels]);
  });

  it('are timed as tfjs’s own', async () => {
    const logits = tf.zeros<tf.Rank.R2>([2, 3]);
    const labels = tf.tensor1d([0, 1], 'int32');
    const { wallMs } = await tf.time(() => softmaxCrossEntropy(logits, labels).dispose());
    expect(wallMs).toBeGreaterThan(0);
    tf.dispose([logits, labels]);
  });
});

describe('the kernels on a lost device', () => {
  useWebgpu();

  it('end with an error', async () => {
    const { device } = tfjsBackend();
    device.destroy();
    await device.lost;
    const loss = () =>
      tf.tidy(() => softmaxCrossEntropy(tf.zeros([2, 3]) as tf.Tensor2D, tf.tensor1d([0, 1], 'int32')));
    expect(loss).toThrow(expect.objectContaining({ code: 'BACKEND_LOST' }));
  });
});

function softmaxGradient(logits: Array64, labels: number[]): Array64 {
  const classes = logits.shape[1]!;
  return array64(logits.shape, (index) => {
    const row = Math.floor(index / classes);
    const values = logits.data.subarray(row * classes, (row + 1) * classes);
    const largest = Math.max(...values);
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    const ofLabel = index % classes === labels[row] ? 1 : 0;
    return (Math.exp(logits.data[index]! - largest) / total - ofLabel) / labels.length;
  });
}
