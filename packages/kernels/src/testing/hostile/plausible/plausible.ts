import type { MakeCall } from './call.js';
import { convolution, depthwise } from './convolution.js';
import { add, cast, identity, prelu } from './elementwise.js';
import { matMul } from './mat-mul.js';
import { operation } from './operations.js';
import { pool } from './pooling.js';
import { regions, upsampling } from './regions.js';
import { segmentSum } from './segment-sum.js';
import { volume } from './volume.js';

/** For each kernel a call such as programs make. */
export const plausibleCalls: Record<string, MakeCall> = {
  Add: add,
  AvgPool: pool,
  AvgPool3D: volume,
  AvgPool3DGrad: volume,
  AvgPoolGrad: pool,
  BatchMatMul: matMul,
  BatchNormTraining: operation,
  BatchNormTrainingGradient: operation,
  Cast: cast,
  Conv2D: convolution,
  Conv2DBackpropFilter: convolution,
  Conv2DBackpropInput: convolution,
  Conv3D: volume,
  Conv3DBackpropFilterV2: volume,
  Conv3DBackpropInputV2: volume,
  ConvBatchNormInference: operation,
  ConvBatchNormTraining: operation,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropFilter: depthwise,
  DepthwiseConv2dNativeBackpropInput: depthwise,
  FusedConv2D: convolution,
  FusedDepthwiseConv2D: depthwise,
  FusedResidualConv2d: operation,
  GlobalAveragePool: operation,
  GlobalAveragePoolGradient: operation,
  Identity: identity,
  MaxPool: pool,
  MaxPool3D: volume,
  MaxPool3DGrad: volume,
  MaxPoolGrad: pool,
  Prelu: prelu,
  RoiAlign: regions,
  RoiAlignGradient: regions,
  RoiMaxPool: regions,
  RoiMaxPoolGradient: regions,
  SgdUpdate: operation,
  SoftmaxCrossEntropy: operation,
  SubsamplePad: operation,
  SubsamplePadGradient: operation,
  UnsortedSegmentSum: segmentSum,
  UpsampleNearest: upsampling,
  UpsampleNearestGradient: upsampling,
  _FusedMatMul: matMul,
};
