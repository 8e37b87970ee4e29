export { BasicBlock, type BasicBlockConfig } from './basic-block.js';
export { BatchNorm } from './batch-norm.js';
export { BOTTLENECK_EXPANSION, Bottleneck, type BottleneckConfig, type StrideOn } from './bottleneck.js';
export { convBatchNorm } from './conv-batch-norm.js';
export { ConvRelu } from './conv-relu.js';
export { Conv2d, type Conv2dConfig } from './conv2d.js';
export type { BlocksErrorCode } from './error-codes.js';
export { HighwayBlock, type HighwayBlockConfig } from './highway-block.js';
export { heNormal } from './initialization.js';
export { Linear, type LinearConfig, LinearRelu } from './linear.js';
export { Module } from './module.js';
export { type Layout, Parameter, sketch } from './parameter.js';
export { PlainBlock, type PlainBlockConfig } from './plain-block.js';
export { GlobalAveragePool, MaxPool, type MaxPoolConfig } from './pool.js';
export { readParameters } from './read-parameters.js';
export { Sequential } from './sequential.js';
export {
  createShortcut,
  IdentityShortcut,
  ProjectionShortcut,
  SHORTCUT_OPTIONS,
  type Shortcut,
  type ShortcutConfig,
  type ShortcutOption,
} from './shortcut.js';
export type { StateDict, TensorData } from './state-dict.js';
export {
  type Layer,
  type LayerOperation,
  type LayerVisitor,
  traceInOrder,
  traceRelu,
  type Value,
  visitLayer,
} from './trace.js';
