import { batchNorms } from './batch-norm.js';
import type { KernelCase } from './case.js';
import { convolutions } from './convolution.js';
import { convolutionGradients } from './convolution-gradient.js';
import { fullyConnected } from './fully-connected.js';
import { losses } from './loss.js';
import { optimizers } from './optimizer.js';
import { pools } from './pool.js';
import { sums } from './sum.js';

/** The operations whose names contain the text. */
export function kernelCases(text = ''): KernelCase[] {
  return [
    ...convolutions,
    ...convolutionGradients,
    ...batchNorms,
    ...pools,
    ...sums,
    ...fullyConnected,
    ...losses,
    ...optimizers,
  ].filter(({ name }) => name.includes(text));
}
