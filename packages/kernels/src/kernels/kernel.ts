import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';

/**
 * The body of a tfjs kernel; each names the inputs and attributes that tfjs gives it. It returns undefined for what it
 * does not do; tfjs's own kernel of that name, if there is one, is run then.
 */
export type Kernel = (
  context: Context,
  inputs: never,
  attributes: never,
) => TensorInfo | TensorInfo[] | undefined;
