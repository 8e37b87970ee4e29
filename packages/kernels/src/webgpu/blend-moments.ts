import { areFloats, kernel, sizeOf } from './kernel.js';
import { each, run, type Shader, workgroupsFor } from './shader.js';

/** Running moments and those of a batch → [new running mean, new running variance] */
export const blendMoments = kernel('BlendMoments', (backend, inputs, { momentum, unbiasing }) => {
  const { runningMean, runningVariance, mean, variance } = inputs;
  if (!areFloats(runningMean, runningVariance, mean, variance)) return undefined;
  const newMean = backend.makeTensorInfo(mean.shape, 'float32');
  const newVariance = backend.makeTensorInfo(mean.shape, 'float32');
  run(backend, BLEND, {
    buffers: { newMean, newVariance, runningMean, runningVariance, mean, variance },
    uniforms: { momentum, unbiasing },
    workgroups: workgroupsFor(backend, sizeOf(mean)),
  });
  return [newMean, newVariance];
});

const BLEND: Shader = {
  key: 'blendMoments',
  outputs: ['newMean', 'newVariance'],
  inputs: { runningMean: 'f32', runningVariance: 'f32', mean: 'f32', variance: 'f32' },
  uniforms: { momentum: 'f32', unbiasing: 'f32' },
  code: `
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      ${each('uniforms.meanSize')} {
        let kept = 1 - uniforms.momentum;
        newMean[index] = kept * runningMean[index] + uniforms.momentum * mean[index];
        let unbiased = uniforms.unbiasing * variance[index];
        newVariance[index] = kept * runningVariance[index] + uniforms.momentum * unbiased;
      }
    }`,
};
