import { type Body, float, int, type Spec } from './call.js';
import type { Draw } from './draw.js';
import { outputs } from './windows.js';

/** The operations of @resnet/backend, whose attributes are simpler than tfjs's. */
export function operation(draw: Draw, kernel: string): Body {
  const stride = draw.int(1, 3);
  const padding = draw.int(0, 2);
  const dilation = stride > 1 ? 1 : draw.int(1, 2);
  const x = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.int(1, 5)];
  const size = draw.pick(1, 2, 3);
  const channels = draw.int(1, 9);
  const filter = [size, size, x[3]!, channels];
  const [height, width] = [1, 2].map((axis) =>
    Math.max(0, outputs(x[axis]!, (size - 1) * dilation + 1, stride, padding, 'floor')),
  );
  const y = [x[0]!, height!, width!, channels];
  const vector = (length: number) => float([length]);
  const residual = draw.bool() ? float(y) : undefined;
  const relu = draw.bool();
  const attributes = { stride, padding, dilation, relu, epsilon: 0.5 };
  const convolved = { x: float(x), filter: float(filter) };
  const affine = { gamma: vector(channels), beta: vector(channels) };
  const moments = { mean: vector(channels), variance: { ...vector(channels), below: 4 } };
  const given = (inputs: Record<string, Spec | undefined>) =>
    Object.fromEntries(Object.entries(inputs).filter(([, spec]) => spec)) as Record<string, Spec>;
  switch (kernel) {
    case 'FusedResidualConv2d':
      return {
        inputs: given({ ...convolved, bias: draw.bool() ? vector(channels) : undefined, residual }),
        attributes,
      };
    case 'ConvBatchNormInference':
      return { inputs: given({ ...convolved, ...affine, ...moments, residual }), attributes };
    case 'ConvBatchNormTraining':
      return { inputs: given({ ...convolved, ...affine, residual }), attributes };
    case 'BatchNormTraining':
      return { inputs: given({ x: float(y), ...affine, residual }), attributes: { relu, epsilon: 0.5 } };
    case 'BatchNormTrainingGradient':
      return {
        inputs: { dy: float(y), x: float(y), y: float(y), gamma: affine.gamma, ...moments },
        attributes: { relu, epsilon: 0.5, residual: residual !== undefined },
      };
    case 'GlobalAveragePool':
      return { inputs: { x: float(x) }, attributes: {} };
    case 'GlobalAveragePoolGradient':
      return { inputs: { dy: float([x[0]!, x[3]!]) }, attributes: { height: x[1], width: x[2] } };
    case 'SoftmaxCrossEntropy':
      return { inputs: { logits: float([x[0]!, channels]), labels: int([x[0]!], channels) }, attributes: {} };
    case 'SubsamplePad':
      return { inputs: { x: float(x) }, attributes: { stride, channels: x[3]! + draw.int(0, 5) } };
    case 'SubsamplePadGradient': {
      const more = draw.int(0, 5);
      const dy = [x[0]!, Math.ceil(x[1]! / stride), Math.ceil(x[2]! / stride), x[3]! + more];
      return { inputs: { dy: float(dy) }, attributes: { stride, channels: x[3]! + more, shape: x } };
    }
    default: {
      const parameters = Array.from({ length: draw.int(1, 3) }, () => draw.shape(1, 3));
      const inputs = parameters.flatMap((shape, index) =>
        ['parameter', 'velocity', 'gradient'].map((name) => [`${name}${index}`, float(shape)] as const),
      );
      const rates = {
        learningRate: 0.5,
        momentum: 0.5,
        weightDecay: 0.25,
        gradientScale: 1,
        decoupledDecay: 0,
        nesterov: draw.int(0, 1),
      };
      return { inputs: Object.fromEntries(inputs), attributes: rates };
    }
  }
}
