import { type Body, float, type Spec } from './call.js';
import type { Draw } from './draw.js';

const activation = (draw: Draw) =>
  draw.pick('linear', 'linear', 'relu', 'relu', 'relu6', 'sigmoid', 'elu', 'leakyrelu', 'prelu');

/** The call with an activation, and in every other call a bias. */
export function fused(draw: Draw, inputs: Record<string, Spec>, attributes: object, channels: number): Body {
  const kind = activation(draw);
  const given = { ...inputs };
  if (draw.bool()) given.bias = float([channels]);
  if (kind === 'prelu') given.preluActivationWeights = float(draw.pick([channels], [1, channels]));
  return { inputs: given, attributes: { ...attributes, activation: kind, leakyreluAlpha: 0.25 } };
}
