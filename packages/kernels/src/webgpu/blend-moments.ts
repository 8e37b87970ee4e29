import { areFloats, kernel } from './kernel.js';
import { elementwise, makeFloats, runEach } from './shader.js';

/** Running moments and those of a batch → [new running mean, new running variance] */
export const blendMoments = kernel('BlendMoments', (backend, inputs, { momentum, unbiasing }) => {
  const { runningMean, runningVariance, mean, variance } = inputs;
  if (!areFloats(runningMean, runningVariance, mean, variance)) return undefined;
  const [newMean, newVariance] = makeFloats(backend, mean.shape, mean.shape);
  const buffers = { newMean, newVariance, runningMean, runningVariance, mean, variance };
  runEach(backend, BLEND, buffers, { momentum, unbiasing });
  return [newMean, newVariance];
});

const BLEND = elementwise(
  {
    key: 'blendMoments',
    outputs: ['newMean', 'newVariance'],
    inputs: { runningMean: 'f32', runningVariance: 'f32', mean: 'f32', variance: 'f32' },
    uniforms: { momentum: 'f32', unbiasing: 'f32' },
  },
  `
    let kept = 1 - uniforms.momentum;
    newMean[index] = kept * runningMean[index] + uniforms.momentum * mean[index];
    let unbiased = uniforms.unbiasing * variance[index];
    newVariance[index] = kept * runningVariance[index] + uniforms.momentum * unbiased;`,
);
