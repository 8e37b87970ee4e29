import type { Graph } from '../../onnx/graph.js';

/** Makes the tensors, and gives what is to be timed. Neither needs to dispose of anything. */
export type Prepare = () => () => unknown;

/** One operation at one shape, in all libraries that have it. */
export interface KernelCase {
  name: string;
  /** Arithmetic by the definition, or bytes of all that goes in and comes out, each tensor counted once. */
  work: { multiplyAdds: number } | { bytes: number };
  ours: Prepare;
  plainTfjs: Prepare;
  /** Not where onnxruntime-web has no such operation. */
  onnx?: () => OnnxOperation;
}

/** An operation of one input `x` and one output `y`, both of batch first and channels second, for onnxruntime. */
export interface OnnxOperation extends Pick<Graph, 'nodes' | 'constants'> {
  inputShape: number[];
  outputShape: number[];
}
