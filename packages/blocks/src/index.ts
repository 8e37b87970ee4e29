export { BasicBlock, type BasicBlockConfig } from './blocks/basic-block.js';
export {
  BOTTLENECK_EXPANSION,
  Bottleneck,
  type BottleneckConfig,
  type StrideOn,
} from './blocks/bottleneck.js';
export { HighwayBlock, type HighwayBlockConfig } from './blocks/highway-block.js';
export { PlainBlock, type PlainBlockConfig } from './blocks/plain-block.js';
export { Sequential } from './blocks/sequential.js';
export {
  createShortcut,
  IdentityShortcut,
  ProjectionShortcut,
  SHORTCUT_OPTIONS,
  type Shortcut,
  type ShortcutConfig,
  type ShortcutOption,
} from './blocks/shortcut.js';
export type { BlocksErrorCode } from './error-codes.js';
export { type Fusion, fuseGraph, type Next, type Step } from './graph/fuse.js';
export { Graph, type GraphNode, graphOf, inputName, type Shape, type Value } from './graph/graph.js';
export type { FoldedWeights, Int8Form } from './graph/int8.js';
export { lastUses } from './graph/last-uses.js';
export type { OnnxAttributes, OnnxGraph } from './graph/onnx-graph.js';
export type { Operation, Prepared } from './graph/operation.js';
export { PreparedGraph, type PreparedStep } from './graph/prepared-graph.js';
export { runGraph, runSteps } from './graph/run-graph.js';
export { runRecomputing } from './graph/run-recomputing.js';
export { Activation, Relu, Sigmoid } from './layers/activation.js';
export { Add } from './layers/add.js';
export { BatchNorm } from './layers/batch-norm.js';
export { ConvRelu } from './layers/conv-relu.js';
export { Conv2d, type Conv2dConfig } from './layers/conv2d.js';
export { FusedConvolution } from './layers/fused-convolution.js';
export { Gating } from './layers/gating.js';
export { heNormal, type Initialization, normalWith } from './layers/initialization.js';
export { Layer } from './layers/layer.js';
export { Linear, type LinearConfig, LinearRelu } from './layers/linear.js';
export { NormLayer } from './layers/norm-layer.js';
export { GlobalAveragePool, MaxPool, type MaxPoolConfig } from './layers/pool.js';
export { Module } from './module.js';
export { type Layout, Parameter, sketch } from './parameter.js';
export { readParameters } from './read-parameters.js';
export type { StateDict, TensorData } from './state-dict.js';
