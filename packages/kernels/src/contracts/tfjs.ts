import type { backend_util, DataType } from '@tensorflow/tfjs-core';

type Pair = number | [number, number];
type Triple = number | [number, number, number];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;

/** The attributes that tfjs gives its convolution kernels. */
export interface ConvolutionAttributes {
  strides: Pair;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dilations?: Pair;
  dataFormat?: 'NHWC' | 'NCHW';
  dimRoundingMode?: Rounding;
}

/** The attributes that tfjs gives its pooling kernels. */
export interface PoolAttributes {
  filterSize: Pair;
  strides: Pair;
  pad: ConvolutionAttributes['pad'];
  dimRoundingMode?: Rounding;
}

/** The attributes of the activation at the end of tfjs's fused kernels. */
export interface ActivationAttributes {
  activation?: string;
  leakyreluAlpha?: number;
}

export interface Convolution3dAttributes {
  strides: Triple;
  pad: 'same' | 'valid';
  dataFormat?: string;
  dilations?: Triple;
}

export interface Pool3dAttributes extends Convolution3dAttributes {
  filterSize: Triple;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export interface MatMulAttributes {
  transposeA?: boolean;
  transposeB?: boolean;
}

interface FusedInputs {
  bias?: 'any' | undefined;
  preluActivationWeights?: 'any' | undefined;
}

interface WithInputShape {
  inputShape: number[];
}

interface WithFilterShape {
  filterShape: [number, number, number, number];
}

/** The kernels of tfjs that this package computes, as tfjs calls them. */
export interface TfjsContracts {
  Add: { inputs: { a: 'any'; b: 'any' }; attributes: object; outputs: 'any' };
  AvgPool: { inputs: { x: 'R4' }; attributes: PoolAttributes; outputs: 'R4' };
  AvgPool3D: { inputs: { x: 'R5' }; attributes: Pool3dAttributes; outputs: 'R5' };
  AvgPool3DGrad: { inputs: { dy: 'R5'; input: 'R5' }; attributes: Pool3dAttributes; outputs: 'R5' };
  AvgPoolGrad: { inputs: { dy: 'R4'; input: 'R4' }; attributes: PoolAttributes; outputs: 'R4' };
  BatchMatMul: { inputs: { a: 'any'; b: 'any' }; attributes: MatMulAttributes; outputs: 'any' };
  Cast: { inputs: { x: 'any' }; attributes: { dtype: DataType }; outputs: 'any' };
  Conv2D: { inputs: { x: 'R4'; filter: 'R4' }; attributes: ConvolutionAttributes; outputs: 'R4' };
  Conv2DBackpropFilter: {
    inputs: { x: 'R4'; dy: 'R4' };
    attributes: ConvolutionAttributes & WithFilterShape;
    outputs: 'R4';
  };
  Conv2DBackpropInput: {
    inputs: { dy: 'R4'; filter: 'R4' };
    attributes: ConvolutionAttributes & WithInputShape;
    outputs: 'R4';
  };
  Conv3D: { inputs: { x: 'R5'; filter: 'R5' }; attributes: Convolution3dAttributes; outputs: 'R5' };
  Conv3DBackpropFilterV2: {
    inputs: { x: 'R5'; dy: 'R5' };
    attributes: Convolution3dAttributes & { filterShape: number[] };
    outputs: 'R5';
  };
  Conv3DBackpropInputV2: {
    inputs: { dy: 'R5'; filter: 'R5' };
    attributes: Convolution3dAttributes & WithInputShape;
    outputs: 'R5';
  };
  DepthwiseConv2dNative: {
    inputs: { x: 'R4'; filter: 'R4' };
    attributes: ConvolutionAttributes;
    outputs: 'R4';
  };
  DepthwiseConv2dNativeBackpropFilter: {
    inputs: { x: 'R4'; dy: 'R4' };
    attributes: ConvolutionAttributes & WithFilterShape;
    outputs: 'R4';
  };
  DepthwiseConv2dNativeBackpropInput: {
    inputs: { dy: 'R4'; filter: 'R4' };
    attributes: ConvolutionAttributes & WithInputShape;
    outputs: 'R4';
  };
  FusedConv2D: {
    inputs: { x: 'R4'; filter: 'R4' } & FusedInputs;
    attributes: ConvolutionAttributes & ActivationAttributes;
    outputs: 'R4';
  };
  FusedDepthwiseConv2D: {
    inputs: { x: 'R4'; filter: 'R4' } & FusedInputs;
    attributes: ConvolutionAttributes & ActivationAttributes;
    outputs: 'R4';
  };
  Identity: { inputs: { x: 'any' }; attributes: object; outputs: 'any' };
  MaxPool: { inputs: { x: 'R4' }; attributes: PoolAttributes; outputs: 'R4' };
  MaxPool3D: { inputs: { x: 'R5' }; attributes: Pool3dAttributes; outputs: 'R5' };
  MaxPool3DGrad: { inputs: { dy: 'R5'; input: 'R5' }; attributes: Pool3dAttributes; outputs: 'R5' };
  MaxPoolGrad: {
    inputs: { dy: 'R4'; input: 'R4'; output: 'R4' };
    attributes: PoolAttributes;
    outputs: 'R4';
  };
  Prelu: { inputs: { x: 'any'; alpha: 'any' }; attributes: object; outputs: 'any' };
  UnsortedSegmentSum: {
    inputs: { x: 'any'; segmentIds: 'R1' };
    attributes: { numSegments: number };
    outputs: 'any';
  };
  _FusedMatMul: {
    inputs: { a: 'any'; b: 'any' } & FusedInputs;
    attributes: MatMulAttributes & ActivationAttributes;
    outputs: 'any';
  };
}
