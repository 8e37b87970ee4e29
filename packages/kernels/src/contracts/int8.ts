/** How float32 values are bytes: value = (byte - zero) · scale, with an integer `zero` from 0 to 255. */
export interface Int8Range {
  scale: number;
  zero: number;
}

/**
 * The operations on quantized tensors, which hold a byte for each value; tfjs has no such type, so their dtype is 'bool', whose
 * tensors are bytes on WebAssembly. Images are [images, height, width, channels].
 */
export interface Int8Contracts {
  /** float32 to bytes: round(x / scale) + zero, half to even, kept between 0 and 255. */
  Int8Quantize: { inputs: { x: 'any' }; attributes: Int8Range; outputs: 'any' };
  Int8Dequantize: { inputs: { x: 'any' }; attributes: Int8Range; outputs: 'any' };
  /**
   * A convolution with exact sums: clamp(round(scale · (sum + bias) + (residual - residualZero) · residualScale) + zero) where sum
   * is that of (x - inputZero) · filter. Every operation on floats is rounded once, to float32.
   */
  Int8Convolution: {
    inputs: {
      x: 'R4';
      /** Signed bytes, [height, width, in, out]. */
      filter: 'R4';
      /** float32 [out]: a unit of the sum in units of the result. */
      scale: 'R1';
      /** int32 [out], in units of the sum. */
      bias: 'R1';
      residual?: 'R4' | undefined;
    };
    attributes: {
      stride: number;
      padding: number;
      dilation: number;
      inputZero: number;
      /** The byte of the result that stands for 0. */
      zero: number;
      /** Whether what is below 0 becomes 0. */
      relu: boolean;
      residualZero: number;
      /** A unit of the residual in units of the result. */
      residualScale: number;
      /** Gives scale · (sum + bias) in float32, unrounded; without residual and ReLU. */
      isFloat: boolean;
    };
    outputs: 'R4';
  };
  /** The largest byte of each window; padding counts as 0. */
  Int8MaxPool: {
    inputs: { x: 'R4' };
    attributes: { size: number; stride: number; padding: number };
    outputs: 'R4';
  };
  /** round(scale · (sum of a window - its pixels · inputZero)) + zero; windows move by one pixel. */
  Int8AveragePool: {
    inputs: { x: 'R4' };
    attributes: { window: [height: number, width: number]; inputZero: number; scale: number; zero: number };
    outputs: 'R4';
  };
  /** As SubsamplePad; what is new has the byte for 0. */
  Int8SubsamplePad: {
    inputs: { x: 'R4' };
    attributes: { stride: number; channels: number; zero: number };
    outputs: 'R4';
  };
  /** float32 to the nearest value that a byte can be: round(x / scale), half to even, kept between -zero and 255 - zero, times scale. */
  FakeQuantize: { inputs: { x: 'any' }; attributes: Int8Range; outputs: 'any' };
  /** dy where round(x / scale) is between -zero and 255 - zero, else 0. */
  FakeQuantizeGradient: { inputs: { dy: 'any'; x: 'any' }; attributes: Int8Range; outputs: 'any' };
}
