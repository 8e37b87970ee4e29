import { expect, it } from 'vitest';
import { neededFor } from './cuda.js';

it('tells what each TensorFlow takes', () => {
  expect(neededFor('2.9.1')).toMatch(/^The TensorFlow 2\.9\.1 that npm installs takes .* CUDA 11\.2/);
  expect(neededFor('2.21.0')).toMatch(/^TensorFlow 2\.21\.0 takes .* driver 525\.60\.13 or later/);
  expect(neededFor('2.21.0')).not.toContain('11.2');
});
