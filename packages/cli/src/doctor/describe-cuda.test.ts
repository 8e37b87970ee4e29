import { expect, it } from 'vitest';
import { cudaRows } from './describe-cuda.js';

const none = { nvidia: [], driver: null, libraries: [], setup: null };
const setup = { library: '/cache/tensorflow-2.21.0', tensorflow: '2.21.0', cuda: '12.9.79', cudnn: '9.28.0' };
const text = (...parameters: Parameters<typeof cudaRows>) =>
  cudaRows(...parameters)
    .flat(2)
    .join('\n');

it('says which of the two ways node-gpu is installed, and what lacks', () => {
  expect(cudaRows(none, false)).toEqual([]);
  expect(text({ ...none, libraries: ['libcudart.so.12'] }, false)).toContain('libcudart.so.12; setup-gpu');
  expect(text(none, true)).toMatch(/of npm needs CUDA 11\.2 and cuDNN 8\.1 .*; found: none/);
  const found = text({ ...none, setup }, true);
  expect(found).toContain('of setup-gpu: TensorFlow 2.21.0, CUDA 12.9.79, cuDNN 9.28.0 in /cache/');
  expect(found).toMatch(/driver 525\.60\.13 or later .*; found: no driver$/);
  expect(text({ ...none, setup: { ...setup, cudnn: null } }, true)).toContain('cuDNN missing');
});

it.each([
  ['525.60.12', true],
  ['470.256.02', true],
  ['525.60', true],
  ['525.60.13', false],
  ['525.105.17', false],
  ['570.86', false],
])('compares the driver %s', (driver, isTooOld) => {
  const found = text({ ...none, driver, setup }, true);
  expect(found.endsWith(`found: ${driver}${isTooOld ? ', which is too old' : ''}`)).toBe(true);
});
