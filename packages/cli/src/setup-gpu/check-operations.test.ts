import { useBackend } from '@resnet/backend';
import { refusal } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkOperations, type TensorFlowBackend } from './check-operations.js';

it('refuses a TensorFlow that computes something else', async () => {
  const backend = await useBackend('cpu');
  const binding = { TF_Version: '0', TF_ATTR_INT: 1, TF_ATTR_STRING: 2, TF_ATTR_TYPE: 3, TF_FLOAT: 4 };
  const zeros: TensorFlowBackend = {
    binding,
    isUsingGpuDevice: false,
    executeSingleOutput: () => tf.zeros([9]),
  };
  const passed: string[] = [];
  const check = () => tf.tidy(() => checkOperations(tf, zeros, (name) => passed.push(name)));
  expect(check).toThrow(refusal('SETUP_FAILED', 'Conv2D: expected 4,6,4', 'found 0,0'));
  expect(passed).toEqual(['matMul']);
  backend.dispose();
});
