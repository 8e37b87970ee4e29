/** How a filter moves over an image, the same in both directions; padding is zeros on every side. */
interface Window {
  stride: number;
  padding: number;
  dilation: number;
}

interface Normalization {
  /** Added to the variance, at least 0. */
  epsilon: number;
  relu: boolean;
  /** Whether there is a residual. */
  residual: boolean;
}

interface ConvolutionInputs {
  x: 'R4';
  filter: 'R4';
}

interface Affine {
  gamma: 'R1';
  beta: 'R1';
}

interface Moments {
  mean: 'R1';
  variance: 'R1';
}

interface Residual {
  residual?: 'R4' | undefined;
}

interface Subsampling {
  stride: number;
  /** Channels of the result. */
  channels: number;
}

/** Regions of images, and the grid into which each of them is cut. */
interface RegionGrid {
  /** Five numbers each: the index of the image, x1, y1, x2, y2. */
  regions: ArrayLike<number>;
  rows: number;
  columns: number;
  /** From the pixels of the regions to those of x. */
  scale: number;
}

interface RegionSampling extends RegionGrid {
  /** Samples of a cell in each direction; 0: one for each pixel. */
  samplingRatio: number;
  /** Whether pixels lie at half coordinates, and not at whole ones. */
  aligned: boolean;
}

/** Of x, where only the gradient of the result is given. */
interface ShapeOfX {
  shape: number[];
}

/** The operations of @resnet/backend. Images are [images, height, width, channels], filters [height, width, in, out]. */
export interface OperationContracts {
  /** y = relu(normalized + residual) with the statistics of x; the variance is biased. */
  BatchNormTraining: {
    inputs: { x: 'R4' } & Affine & Residual;
    attributes: Normalization;
    outputs: [y: 'R4', mean: 'R1', variance: 'R1'];
  };
  /** With the residual's gradient if there was a residual. */
  BatchNormTrainingGradient: {
    inputs: { dy: 'R4'; x: 'R4'; y: 'R4'; gamma: 'R1' } & Moments;
    attributes: Normalization;
    outputs: [dx: 'R4', dGamma: 'R1', dBeta: 'R1', dResidual?: 'R4'];
  };
  /** Running moments with those of a batch: running · (1 - momentum) + batch · momentum. */
  BlendMoments: {
    inputs: { runningMean: 'R1'; runningVariance: 'R1' } & Moments;
    attributes: {
      momentum: number;
      /** The factor that makes the batch's variance unbiased. */
      unbiasing: number;
    };
    outputs: [mean: 'R1', variance: 'R1'];
  };
  /** x · scale + shift for each channel. */
  ChannelAffine: {
    inputs: { x: 'R4'; scale: 'R1'; shift: 'R1' };
    attributes: { relu: boolean };
    outputs: 'R4';
  };
  /** The mean of each channel over images and pixels. */
  ChannelMean: { inputs: { x: 'R4' }; attributes: object; outputs: 'R1' };
  /** A convolution, then the normalization with given statistics, residual and ReLU. */
  ConvBatchNormInference: {
    inputs: ConvolutionInputs & Affine & Moments & Residual;
    attributes: Window & Normalization;
    outputs: 'R4';
  };
  /** A convolution, then the normalization with the statistics of its result, residual and ReLU. */
  ConvBatchNormTraining: {
    inputs: ConvolutionInputs & Affine & Residual;
    attributes: Window & Normalization;
    outputs: [y: 'R4', mean: 'R1', variance: 'R1', convolved: 'R4'];
  };
  /** y = relu(convolution + bias + residual), each part where asked. */
  FusedResidualConv2d: {
    inputs: ConvolutionInputs & { bias?: 'R1' | undefined } & Residual;
    attributes: Window & { relu: boolean };
    outputs: 'R4';
  };
  /** The mean of each channel of each image: [images, channels]. */
  GlobalAveragePool: { inputs: { x: 'R4' }; attributes: object; outputs: 'R2' };
  GlobalAveragePoolGradient: {
    inputs: { dy: 'R2' };
    /** Sizes of the image. */
    attributes: { height: number; width: number };
    outputs: 'R4';
  };
  /** The mean of bilinear samples in each cell of each region: [regions, rows, columns, channels]. */
  RoiAlign: { inputs: { x: 'R4' }; attributes: RegionSampling; outputs: 'R4' };
  RoiAlignGradient: { inputs: { dy: 'R4' }; attributes: RegionSampling & ShapeOfX; outputs: 'R4' };
  /** The largest value in each cell of each region, 0 in cells without pixels: [regions, rows, columns, channels]. */
  RoiMaxPool: { inputs: { x: 'R4' }; attributes: RegionGrid; outputs: 'R4' };
  /** The gradient goes to the first pixel of a cell that has its largest value. */
  RoiMaxPoolGradient: { inputs: { dy: 'R4'; x: 'R4'; y: 'R4' }; attributes: RegionGrid; outputs: 'R4' };
  /**
   * A step of gradient descent, over parameters numbered from 0. The outputs are parameter0, velocity0, parameter1, … Where nobody
   * else holds their data, kernels change it in place. Gradients are multiplied by `scale` too, if there is one; where it is not finite,
   * parameters and velocities stay as they are.
   */
  SgdUpdate: {
    inputs: { [name: `${'parameter' | 'velocity' | 'gradient'}${number}`]: 'any'; scale?: 'R0' | undefined };
    attributes: {
      learningRate: number;
      momentum: number;
      weightDecay: number;
      gradientScale: number;
      decoupledDecay: number;
      /** 1 or 0. */
      nesterov: number;
    };
    outputs: 'any'[];
  };
  /** The mean over rows, of logits [rows, classes] and labels int32 [rows]. */
  SoftmaxCrossEntropy: {
    inputs: { logits: 'R2'; labels: 'R1' };
    attributes: object;
    outputs: [loss: 'R0', dLogits: 'R2'];
  };
  /** Every `stride`-th row and column of x, and zeros for the channels that are new, half of them on either side. */
  SubsamplePad: { inputs: { x: 'R4' }; attributes: Subsampling; outputs: 'R4' };
  SubsamplePadGradient: { inputs: { dy: 'R4' }; attributes: Subsampling & ShapeOfX; outputs: 'R4' };
  /** Of all values of all tensors, x0, x1, … */
  SumOfSquares: { inputs: { [name: `x${number}`]: 'any' }; attributes: object; outputs: 'R0' };
  /** Of pixel i of the result, pixel ⌊i · size of x / size of the result⌋ of x, in either direction. */
  UpsampleNearest: { inputs: { x: 'R4' }; attributes: { height: number; width: number }; outputs: 'R4' };
  UpsampleNearestGradient: { inputs: { dy: 'R4' }; attributes: ShapeOfX; outputs: 'R4' };
}
