// Stochastic gradient descent with momentum and weight decay, in place, over all parameters of a network in one call.
import { load4, multiplyAdd, multiplySubtract, Rest, store4, Whole } from './vectors';

@unmanaged
export class GradientDescentTask {
  /** Records of four words, one for each piece: parameter, velocity, gradient, number of floats. */
  pieces: usize;
  learningRate: f32;
  momentum: f32;
  weightDecay: f32;
  gradientScale: f32;
  decoupledDecay: f32;
  /** 1 for Nesterov's momentum, else 0. */
  nesterov: i32;
}

/**
 * gradient ← gradientScale · gradient + weightDecay · parameter; velocity ← momentum · velocity + gradient;
 * step ← velocity, or, with Nesterov's momentum, momentum · velocity + gradient;
 * parameter ← parameter - learningRate · (step + decoupledDecay · parameter)
 */
export function gradientDescent(task: GradientDescentTask, chunk: i32, _scratch: usize): void {
  const piece = task.pieces + ((<usize>chunk) << 4);
  let parameter = <usize>load<u32>(piece);
  let velocity = <usize>load<u32>(piece, 4);
  let gradient = <usize>load<u32>(piece, 8);
  let count = load<i32>(piece, 12);
  const learningRate = f32x4.splat(task.learningRate);
  const momentum = f32x4.splat(task.momentum);
  const weightDecay = f32x4.splat(task.weightDecay);
  const scale = f32x4.splat(task.gradientScale);
  const decoupledDecay = f32x4.splat(task.decoupledDecay);
  const nesterov = task.nesterov;
  while (count > 0) {
    const isWhole = count >= 4;
    const weights = isWhole ? load4<Whole>(parameter, 4) : load4<Rest>(parameter, count);
    const slope = isWhole ? load4<Whole>(gradient, 4) : load4<Rest>(gradient, count);
    const before = isWhole ? load4<Whole>(velocity, 4) : load4<Rest>(velocity, count);
    const decayed = multiplyAdd(weightDecay, weights, f32x4.mul(scale, slope));
    const speed = multiplyAdd(momentum, before, decayed);
    const step = nesterov ? multiplyAdd(momentum, speed, decayed) : speed;
    const after = multiplySubtract(learningRate, multiplyAdd(decoupledDecay, weights, step), weights);
    if (isWhole) {
      store4<Whole>(velocity, speed, 4);
      store4<Whole>(parameter, after, 4);
    } else {
      store4<Rest>(velocity, speed, count);
      store4<Rest>(parameter, after, count);
    }
    parameter += 16;
    velocity += 16;
    gradient += 16;
    count -= 4;
  }
}
