import { ResnetError } from '@resnet/core';
import type * as Tfjs from '@tensorflow/tfjs-core';

/** What is used here of tfjs-node's backend. */
export interface TensorFlowBackend {
  binding: { TF_Version: string } & Record<
    'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_FLOAT',
    number
  >;
  isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: object[], inputs: Tfjs.Tensor[]): Tfjs.Tensor;
}

/**
 * Compares TensorFlow's operations that networks need with values by hand: with padding 1 on every side, which is not what SAME
 * pads at stride 2.
 *
 * @param report gets the name of each that is right
 * @throws SETUP_FAILED for the first that is not
 */
export function checkOperations(
  tf: typeof Tfjs,
  backend: TensorFlowBackend,
  report: (name: string) => void,
): void {
  const expectEqual = (name: string, tensor: Tfjs.Tensor, expected: number[]) => {
    const found = Array.from(tensor.dataSync());
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new ResnetError('SETUP_FAILED', `${name}: expected ${expected}, found ${found}.`);
    }
    report(name);
  };
  const attributes = attributesOf(backend);
  const execute = (name: string, stride: number, inputs: Tfjs.Tensor[], ksize?: number) =>
    backend.executeSingleOutput(name, attributes(stride, ksize), inputs);

  const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
  expectEqual('matMul', product, [19, 22, 43, 50]);

  const image = tf.ones([1, 3, 3, 1]);
  const filter = tf.ones([3, 3, 1, 1]);
  const imageShape = tf.tensor1d(image.shape, 'int32');
  const filterShape = tf.tensor1d(filter.shape, 'int32');
  const overlaps = [4, 6, 4, 6, 9, 6, 4, 6, 4];
  const inputGradient = execute('Conv2DBackpropInput', 1, [imageShape, filter, image]);
  const filterGradient = execute('Conv2DBackpropFilter', 1, [image, filterShape, image]);
  expectEqual('Conv2D', execute('Conv2D', 1, [image, filter]), overlaps);
  expectEqual('Conv2D, stride 2', execute('Conv2D', 2, [tf.ones([1, 4, 4, 1]), filter]), [4, 6, 6, 9]);
  expectEqual('Conv2DBackpropInput', inputGradient, overlaps);
  expectEqual('Conv2DBackpropFilter', filterGradient, overlaps);

  const ascending = tf.reshape(tf.range(1, 17), [1, 4, 4, 1]);
  const largest = tf.tensor4d([6, 8, 14, 16], [1, 2, 2, 1]);
  const gradient = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const pooledGradient = execute('MaxPoolGrad', 2, [ascending, largest, gradient], 3);
  expectEqual('MaxPool', execute('MaxPool', 2, [ascending], 3), [6, 8, 14, 16]);
  expectEqual('MaxPoolGrad', pooledGradient, [0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4]);
}

/** Explicit paddings are 0, 0, top, bottom, left, right, 0, 0. Pooling has ksize and no dilations. */
function attributesOf({ binding }: TensorFlowBackend) {
  const integers = (name: string, value: number[]) => ({ name, type: binding.TF_ATTR_INT, value });
  const text = (name: string, value: string) => ({ name, type: binding.TF_ATTR_STRING, value });
  return (stride: number, ksize?: number) => [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    integers('strides', [1, stride, stride, 1]),
    text('padding', 'EXPLICIT'),
    integers('explicit_paddings', [0, 0, 1, 1, 1, 1, 0, 0]),
    text('data_format', 'NHWC'),
    ksize === undefined ? integers('dilations', [1, 1, 1, 1]) : integers('ksize', [1, ksize, ksize, 1]),
  ];
}
