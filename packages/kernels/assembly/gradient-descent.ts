// Stochastic gradient descent with momentum and weight decay, in place, over all parameters of a network in one call.
import { load4, multiplyAdd, multiplySubtract, Rest, store4, Whole } from './vectors';

@unmanaged
export class GradientDescentTask {
  /** Records of four words, one for each piece: parameter, velocity, gradient, number of floats. */
  pieces: usize;
  learningRate: f32;
  momentum: f32;
  weightDecay: f32;
}

/** velocity ← momentum · velocity + gradient + weightDecay · parameter; parameter ← parameter - learningRate · velocity */
export function gradientDescent(task: GradientDescentTask, chunk: i32, _scratch: usize): void {
  const piece = task.pieces + ((<usize>chunk) << 4);
  let parameter = <usize>load<u32>(piece);
  let velocity = <usize>load<u32>(piece, 4);
  let gradient = <usize>load<u32>(piece, 8);
  let count = load<i32>(piece, 12);
  const learningRate = f32x4.splat(task.learningRate);
  const momentum = f32x4.splat(task.momentum);
  const weightDecay = f32x4.splat(task.weightDecay);
  for (; count >= 4; count -= 4) {
    descend<Whole>(parameter, velocity, gradient, learningRate, momentum, weightDecay, 4);
    parameter += 16;
    velocity += 16;
    gradient += 16;
  }
  if (count > 0) descend<Rest>(parameter, velocity, gradient, learningRate, momentum, weightDecay, count);
}

@inline
function descend<L>(
  parameter: usize,
  velocity: usize,
  gradient: usize,
  learningRate: v128,
  momentum: v128,
  weightDecay: v128,
  lanes: i32,
): void {
  const weights = load4<L>(parameter, lanes);
  const decayed = multiplyAdd(weightDecay, weights, load4<L>(gradient, lanes));
  const speed = multiplyAdd(momentum, load4<L>(velocity, lanes), decayed);
  store4<L>(velocity, speed, lanes);
  store4<L>(parameter, multiplySubtract(learningRate, speed, weights), lanes);
}
