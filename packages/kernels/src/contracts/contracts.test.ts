import type { TensorInfo } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kernel } from '../kernels/kernel.js';
import { kernel as webgpuKernel } from '../webgpu/kernel.js';

const tensor: TensorInfo = { dataId: {}, shape: [], dtype: 'float32' };

// What the compiler refuses is the test: it fails where one of these lines is no error.
it('a kernel that breaks its contract does not compile, on either side', () => {
  const broken = [
    // @ts-expect-error there is no such kernel
    () => kernel('BatchNormTrainin', () => undefined),
    // @ts-expect-error there is no such kernel
    () => webgpuKernel('BatchNormTrainin', () => undefined),
    // @ts-expect-error there is no such input
    () => kernel('BatchNormTraining', (_, { images }) => images),
    // @ts-expect-error there is no such input
    () => webgpuKernel('BatchNormTraining', (_, { images }) => images),
    // @ts-expect-error there is no such attribute
    () => kernel('SubsamplePad', (_, { x }, { strides }) => strides && x),
    // @ts-expect-error there is no such attribute
    () => webgpuKernel('SubsamplePad', (_, { x }, { strides }) => strides && x),
    // @ts-expect-error the attribute is a boolean
    () => kernel('ChannelAffine', (_, { x }, { relu }: { relu: number }) => (relu ? x : undefined)),
    // @ts-expect-error the attribute is a boolean
    () => webgpuKernel('ChannelAffine', (_, { x }, { relu }: { relu: number }) => (relu ? x : undefined)),
    // @ts-expect-error the residual may be missing
    () => kernel('FusedResidualConv2d', (_, { residual }) => ({ ...tensor, shape: residual.shape })),
    // @ts-expect-error the residual may be missing
    () => webgpuKernel('FusedResidualConv2d', (_, { residual }) => ({ ...tensor, shape: residual.shape })),
    // @ts-expect-error there are three outputs
    () => kernel('BatchNormTraining', (_, { x, gamma }) => [x, gamma]),
    // @ts-expect-error there are three outputs
    () => webgpuKernel('BatchNormTraining', (_, { x, gamma }) => [x, gamma]),
    // @ts-expect-error there is one output
    () => kernel('Conv2D', (_, { x }) => [x]),
    // @ts-expect-error there is one output
    () => webgpuKernel('Conv2D', (_, { x }) => [x]),
  ];
  expect(broken.length).toBeGreaterThan(0);
});

it('a kernel that keeps its contract has its name', () => {
  const whole = kernel('BatchNormTraining', (_, { x, gamma }, { relu }) =>
    relu ? [x, gamma, gamma] : undefined,
  );
  expect(whole.name).toBe('BatchNormTraining');
});
