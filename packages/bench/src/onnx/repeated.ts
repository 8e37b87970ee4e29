import type { OnnxOperation } from '../kernels/cases/case.js';
import { constant, type Graph, node, value } from './graph.js';

/**
 * The operation many times over in one model, each time on the same input. The input and the output are copied into
 * onnxruntime-web's heap and out of it at each run, which takes longer than many operations; so it does it once.
 */
export function repeated({ nodes, constants, inputShape, outputShape }: OnnxOperation, times: number): Graph {
  const body: Graph = {
    nodes: [...nodes, node('Identity', ['continues'], ['stillContinues'])],
    constants,
    inputs: [value('time', [], 'int64'), value('continues', [], 'bool'), value('previous', outputShape)],
    outputs: [value('stillContinues', [], 'bool'), value('y', outputShape)],
  };
  const zeros = new Float32Array(outputShape.reduce((product, length) => product * length, 1));
  return {
    nodes: [node('Loop', ['times', 'begins', 'zeros'], ['last'], { body })],
    constants: [
      constant('times', [], BigInt64Array.of(BigInt(times))),
      constant('begins', [], Uint8Array.of(1)),
      constant('zeros', outputShape, zeros),
    ],
    inputs: [value('x', inputShape)],
    outputs: [value('last', outputShape)],
  };
}
