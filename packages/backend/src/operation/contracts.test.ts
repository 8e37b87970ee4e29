import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { call } from './call.js';
import { defineOperation } from './define-operation.js';

// Only their types count here.
const [x, filter, row] = [] as unknown as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D];
const geometry = { strides: 1, pad: 0 };

// What the compiler refuses is the test: it fails where one of these lines is no error.
it('a call that breaks the contract of its kernel does not compile', () => {
  const broken = [
    // @ts-expect-error there is no such kernel
    () => call('Conv2d', { x, filter }, geometry),
    // @ts-expect-error an input is missing
    () => call('Conv2D', { x }, geometry),
    // @ts-expect-error there is no such input
    () => call('Conv2D', { x, filter, weights: filter }, geometry),
    // @ts-expect-error the input has another number of axes
    () => call('Conv2D', { x: row, filter }, geometry),
    // @ts-expect-error an attribute is missing
    () => call('Conv2D', { x, filter }, { strides: 1 }),
    // @ts-expect-error the attribute is of another type
    () => call('Conv2D', { x, filter }, { strides: '1', pad: 0 }),
    // @ts-expect-error there is no such attribute
    () => call('Conv2D', { x, filter }, { ...geometry, padding: 0 }),
  ];
  expect(broken.length).toBeGreaterThan(0);
});

it('an operation that breaks its contract does not compile', () => {
  const broken = [
    // @ts-expect-error there is no such kernel
    () => defineOperation('SubsamplePads', { forward: ({ x }) => x }),
    // @ts-expect-error there is no such input
    () => defineOperation('SubsamplePad', { forward: ({ images }) => images }),
    // @ts-expect-error there is no such attribute
    () => defineOperation('SubsamplePad', { forward: ({ x }, { strides }) => strides && x }),
    // @ts-expect-error there are two outputs
    () => defineOperation('SoftmaxCrossEntropy', { forward: ({ logits }) => [logits] }),
    () =>
      defineOperation('SubsamplePad', {
        forward: ({ x }) => x,
        // @ts-expect-error there is no such input to save
        saved: { inputs: ['images'], outputs: [] },
      }),
    () =>
      defineOperation('SubsamplePad', {
        forward: ({ x }) => x,
        // @ts-expect-error there is no such input to differentiate
        gradient: (dy) => ({ images: () => dy }),
      }),
    // @ts-expect-error an attribute is missing
    () => defineOperation('SubsamplePad', { forward: ({ x }) => x })({ x }, { stride: 1 }),
  ];
  expect(broken.length).toBeGreaterThan(0);
});
