export {
  type BatchNormParameters,
  batchNormInference,
  batchNormTraining,
  type Epilogue,
  type Moments,
} from './batch-norm.js';
export { blendMoments } from './blend-moments.js';
export { channelAffine } from './channel-affine.js';
export { convBatchNormInference, convBatchNormTraining } from './conv-batch-norm.js';
export { type Conv2dOptions, type ConvGeometry, conv2d } from './conv2d.js';
export { fakeQuantize, fakeQuantizeWeights } from './fake-quantize.js';
export { globalAveragePool } from './global-average-pool.js';
export {
  dequantizeInt8,
  type Int8ConvOptions,
  type Int8Range,
  int8AveragePool,
  int8Conv2d,
  int8MaxPool,
  int8SubsamplePad,
  int8Tensor,
  loadInt8,
  quantizeInt8,
} from './int8.js';
export { linear } from './linear.js';
export { maxPool } from './max-pool.js';
export type { RegionOptions } from './regions/check.js';
export { type RoiAlignOptions, roiAlign } from './roi-align.js';
export { roiMaxPool } from './roi-max-pool.js';
export { type SgdHyperparameters, type SgdSlot, sgdUpdate } from './sgd-update.js';
export { softmaxCrossEntropy } from './softmax-cross-entropy.js';
export { subsamplePad } from './subsample-pad.js';
export { sumOfSquares } from './sum-of-squares.js';
export { upsampleNearest } from './upsample-nearest.js';
