import { uniformValues } from '../random.js';

export type DataType = 'float32' | 'int32' | 'bool';

/** A tensor that is to be made: its values follow from its seed. */
export interface Spec {
  shape: number[];
  dtype: DataType;
  /** Integers in [0, below), for indices; otherwise small halves, integers or truth values. */
  below?: number;
}

export interface HostileCall {
  kernel: string;
  inputs: Record<string, Spec> | Spec[];
  attributes: Record<string, unknown>;
  seed: number;
}

type Body = Pick<HostileCall, 'inputs' | 'attributes'>;

/** Choices that follow from a seed. */
export class Draw {
  private readonly uniform: () => number;
  constructor(seed: number) {
    this.uniform = uniformValues(seed);
  }
  int(min: number, max: number): number {
    return min + Math.floor(this.uniform() * (max - min + 1));
  }
  pick<T>(...values: T[]): T {
    return values[this.int(0, values.length - 1)]!;
  }
  bool(): boolean {
    return this.int(0, 1) === 1;
  }
  shape(minRank: number, maxRank: number, most = 4): number[] {
    return Array.from({ length: this.int(minRank, maxRank) }, () => this.int(1, most));
  }
}

const float = (shape: number[]): Spec => ({ shape, dtype: 'float32' });
const int = (shape: number[], below?: number): Spec => ({
  shape,
  dtype: 'int32',
  ...(below ? { below } : {}),
});
const bool = (shape: number[]): Spec => ({ shape, dtype: 'bool' });
const anyType = (draw: Draw): DataType => draw.pick('float32', 'float32', 'float32', 'int32', 'bool');
const number = (draw: Draw): DataType => draw.pick('float32', 'float32', 'int32');
const of = (dtype: DataType, shape: number[]): Spec => ({ shape, dtype });

const padding = (draw: Draw) =>
  draw.pick<unknown>('same', 'valid', draw.int(0, 2), [
    [0, 0],
    [draw.int(0, 2), draw.int(0, 2)],
    [draw.int(0, 2), draw.int(0, 2)],
    [0, 0],
  ]);
const rounding = (draw: Draw, pad: unknown) =>
  typeof pad === 'number' ? draw.pick('floor', 'round', 'ceil', undefined) : undefined;

/** Where tfjs places windows along one axis; what a gradient of a convolution's output must have. */
function outputs(
  size: number,
  window: number,
  stride: number,
  pads: unknown,
  rounding: string | undefined,
): number {
  if (pads === 'same') return Math.ceil(size / stride);
  if (pads === 'valid') return Math.ceil((size - window + 1) / stride);
  const total = typeof pads === 'number' ? 2 * pads : (pads as number[])[0]! + (pads as number[])[1]!;
  const positions = (size - window + total) / stride + 1;
  return rounding === 'ceil'
    ? Math.ceil(positions)
    : rounding === 'round'
      ? Math.round(positions)
      : Math.floor(positions);
}

interface Windows {
  x: number[];
  size: [number, number];
  y: [number, number];
  attributes: {
    strides: [number, number];
    pad: unknown;
    dilations: [number, number];
    dimRoundingMode: unknown;
    dataFormat: string;
  };
}

function windows(draw: Draw, mostDilation = 2): Windows {
  const pad = padding(draw);
  const dimRoundingMode = rounding(draw, pad);
  const x = [draw.int(1, 3), draw.int(1, 9), draw.int(1, 9), draw.int(1, 5)];
  // By one number as padding tfjs counts the columns as it counts the rows: with the window's height and its steps.
  const isSquare = typeof pad === 'number';
  const pair = (most: number): [number, number] => {
    const value = draw.int(1, most);
    return [value, isSquare ? value : draw.int(1, most)];
  };
  const size = pair(4);
  const dilations = pair(mostDilation);
  const strides: [number, number] = Math.max(...dilations) > 1 ? [1, 1] : pair(3);
  const y = [0, 1].map((axis) => {
    const window = (size[axis]! - 1) * dilations[axis]! + 1;
    const pads = Array.isArray(pad) ? pad[axis + 1] : pad;
    return outputs(x[axis + 1]!, window, strides[axis]!, pads, dimRoundingMode);
  }) as [number, number];
  return { x, size, y, attributes: { strides, pad, dilations, dimRoundingMode, dataFormat: 'NHWC' } };
}

const positive = (y: number[]) => y.map((size) => Math.max(0, size));
const activation = (draw: Draw) =>
  draw.pick('linear', 'linear', 'relu', 'relu', 'relu6', 'sigmoid', 'elu', 'leakyrelu', 'prelu');

function convolution(draw: Draw, kernel: string): Body {
  const { x, size, y, attributes } = windows(draw, kernel.includes('Backprop') ? 1 : 2);
  const { dilations: _, ...gradient } = attributes;
  const [images, , , inChannels] = x as [number, number, number, number];
  const outChannels = draw.int(1, 9);
  const filter = [...size, inChannels, outChannels];
  const out = [images, ...positive(y), outChannels];
  const xSpec = of(draw.pick('float32', 'float32', 'float32', 'int32'), x);
  switch (kernel) {
    case 'Conv2DBackpropInput':
      return {
        inputs: { dy: float(out), filter: float(filter) },
        attributes: { ...gradient, inputShape: x },
      };
    case 'Conv2DBackpropFilter':
      return { inputs: { x: xSpec, dy: float(out) }, attributes: { ...gradient, filterShape: filter } };
    case 'FusedConv2D':
      return fused(draw, { x: xSpec, filter: float(filter) }, attributes, outChannels);
    default:
      return { inputs: { x: xSpec, filter: float(filter) }, attributes };
  }
}

function fused(draw: Draw, inputs: Record<string, Spec>, attributes: object, channels: number): Body {
  const kind = activation(draw);
  const given = { ...inputs };
  if (draw.bool()) given.bias = float([channels]);
  if (kind === 'prelu') given.preluActivationWeights = float(draw.pick([channels], [1, channels]));
  return { inputs: given, attributes: { ...attributes, activation: kind, leakyreluAlpha: 0.25 } };
}

function depthwise(draw: Draw, kernel: string): Body {
  const { x, size, y, attributes } = windows(draw, kernel.includes('Backprop') ? 1 : 2);
  const { dilations: _, ...gradient } = attributes;
  const [images, , , channels] = x as [number, number, number, number];
  const multiplier = draw.int(1, 3);
  const filter = [...size, channels, multiplier];
  const dy = float([images, ...positive(y), channels * multiplier]);
  const xSpec = of(draw.pick('float32', 'float32', 'float32', 'int32'), x);
  switch (kernel) {
    case 'DepthwiseConv2dNativeBackpropInput':
      return { inputs: { dy, filter: float(filter) }, attributes: { ...gradient, inputShape: x } };
    case 'DepthwiseConv2dNativeBackpropFilter':
      return { inputs: { x: xSpec, dy }, attributes: { ...gradient, filterShape: filter } };
    case 'FusedDepthwiseConv2D':
      return fused(draw, { x: xSpec, filter: float(filter) }, attributes, channels * multiplier);
    default:
      return { inputs: { x: xSpec, filter: float(filter) }, attributes };
  }
}

function pool(draw: Draw, kernel: string): Body {
  const { x, size, y, attributes } = windows(draw, 1);
  const { dilations: _, dataFormat: __, ...rest } = attributes;
  const given = { ...rest, filterSize: size };
  const out = [x[0]!, ...positive(y), x[3]!];
  const type = of(draw.pick('float32', 'float32', 'float32', 'int32'), x);
  switch (kernel) {
    case 'MaxPoolGrad':
      return { inputs: { dy: float(out), input: float(x), output: float(out) }, attributes: given };
    case 'AvgPoolGrad':
      return { inputs: { dy: float(out), input: float(x) }, attributes: given };
    case 'MaxPoolWithArgmax':
      return { inputs: { x: type }, attributes: { ...given, includeBatchInIndex: draw.bool() } };
    default:
      return { inputs: { x: type }, attributes: given };
  }
}

function volume(draw: Draw, kernel: string): Body {
  const pad = draw.pick('same', 'valid');
  const x = [draw.int(1, 2), draw.int(1, 5), draw.int(1, 5), draw.int(1, 5), draw.int(1, 3)];
  const cube = draw.int(1, 3);
  // `cpu` misplaces the gradients of windows whose sides differ.
  const size = kernel === 'MaxPool3DGrad' ? [cube, cube, cube] : [cube, draw.int(1, 3), draw.int(1, 3)];
  const strides = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 2)];
  const y = size.map((window, axis) => outputs(x[axis + 1]!, window, strides[axis]!, pad, undefined));
  const isPool = kernel.includes('Pool');
  const outChannels = isPool ? x[4]! : draw.int(1, 4);
  const dy = float([x[0]!, ...positive(y), outChannels]);
  const filterShape = [...size, x[4]!, outChannels];
  const attributes = { strides, pad, dataFormat: 'NDHWC' };
  switch (kernel) {
    case 'Conv3D':
      return {
        inputs: { x: float(x), filter: float(filterShape) },
        attributes: { ...attributes, dilations: [1, 1, 1] },
      };
    case 'Conv3DBackpropFilterV2':
      return { inputs: { x: float(x), dy }, attributes: { ...attributes, filterShape } };
    case 'Conv3DBackpropInputV2':
      return { inputs: { dy, filter: float(filterShape) }, attributes: { ...attributes, inputShape: x } };
    case 'AvgPool3D':
    case 'MaxPool3D':
      return { inputs: { x: float(x) }, attributes: { ...attributes, filterSize: size } };
    case 'MaxPool3DGrad':
      return { inputs: { dy, input: float(x), output: dy }, attributes: { ...attributes, filterSize: size } };
    default:
      return { inputs: { dy, input: float(x) }, attributes: { ...attributes, filterSize: size } };
  }
}

function product(draw: Draw, kernel: string): Body {
  const [rows, depth, columns] = [draw.int(1, 9), draw.int(1, 9), draw.int(1, 17)];
  const [transposeA, transposeB] = [draw.bool(), draw.bool()];
  const batch = draw.pick([], [], [1], [3], [2, 2]);
  const batchB = draw.pick(
    batch,
    batch,
    batch.map(() => 1),
  );
  const a = of(draw.pick('float32', 'float32', 'float32', 'int32'), [
    ...batch,
    ...(transposeA ? [depth, rows] : [rows, depth]),
  ]);
  const b = of(a.dtype, [...batchB, ...(transposeB ? [columns, depth] : [depth, columns])]);
  const attributes = { transposeA, transposeB };
  return kernel === 'BatchMatMul'
    ? { inputs: { a, b }, attributes }
    : fused(draw, { a, b }, attributes, columns);
}

function unary(draw: Draw, kernel: string): Body {
  const x = of(anyType(draw), draw.shape(0, 4));
  const attributes: Record<string, object> = {
    Cast: { dtype: draw.pick('float32', 'int32', 'bool') },
    ClipByValue: { clipValueMin: -1, clipValueMax: draw.int(-1, 1) },
    LeakyRelu: { alpha: 0.25 },
    Step: { alpha: 0.5 },
    Softmax: { dim: Math.max(0, x.shape.length - 1) },
  };
  const key = kernel === 'Softmax' ? 'logits' : 'x';
  return { inputs: { [key]: x }, attributes: { ...attributes[kernel] } };
}

function binary(draw: Draw): Body {
  const shape = draw.shape(0, 4);
  const other = draw.pick(
    shape,
    shape,
    [],
    shape.slice(1),
    shape.map((size) => draw.pick(size, 1)),
  );
  const dtype = anyType(draw);
  const [a, b] = draw.bool() ? [shape, other] : [other, shape];
  return { inputs: { a: of(dtype, a), b: of(dtype, b) }, attributes: {} };
}

function reduction(draw: Draw, kernel: string): Body {
  const isLogical = kernel === 'All' || kernel === 'Any';
  const x = of(isLogical ? 'bool' : number(draw), draw.shape(1, 4));
  const rank = x.shape.length;
  const axis = draw.pick<unknown>(
    draw.int(0, rank - 1),
    [draw.int(0, rank - 1)],
    rank > 1 ? [0, rank - 1] : [0],
    -1,
  );
  if (kernel.startsWith('Arg')) return { inputs: { x }, attributes: { axis: draw.int(0, rank - 1) } };
  if (kernel.startsWith('Cum')) {
    return {
      inputs: { x },
      attributes: { axis: draw.int(0, rank - 1), exclusive: draw.bool(), reverse: draw.bool() },
    };
  }
  return { inputs: { x }, attributes: { axis, keepDims: draw.bool() } };
}

function rearranged(draw: Draw, kernel: string): Body {
  const x = of(anyType(draw), draw.shape(1, 4));
  const rank = x.shape.length;
  const each = (make: (size: number) => unknown) => x.shape.map(make);
  switch (kernel) {
    case 'Transpose': {
      const perm = x.shape.map((_, axis) => axis);
      for (let axis = rank - 1; axis > 0; axis--) {
        const other = draw.int(0, axis);
        [perm[axis], perm[other]] = [perm[other]!, perm[axis]!];
      }
      return { inputs: { x }, attributes: { perm } };
    }
    case 'Reverse':
      return {
        inputs: { x },
        attributes: { dims: draw.pick<unknown>([draw.int(0, rank - 1)], [0, rank - 1].slice(0, rank)) },
      };
    case 'Tile':
      return { inputs: { x }, attributes: { reps: each(() => draw.int(1, 3)) } };
    case 'PadV2':
      return {
        inputs: { x },
        attributes: {
          paddings: each(() => [draw.int(0, 2), draw.int(0, 2)]),
          constantValue: draw.pick(0, 1),
        },
      };
    case 'MirrorPad': {
      const mode = draw.pick('reflect', 'symmetric');
      const most = (size: number) => (mode === 'reflect' ? size - 1 : size);
      return {
        inputs: { x },
        attributes: { paddings: each((size) => [draw.int(0, most(size)), draw.int(0, most(size))]), mode },
      };
    }
    case 'Slice': {
      const begin = x.shape.map((size) => draw.int(0, size - 1));
      return {
        inputs: { x },
        attributes: { begin, size: x.shape.map((size, axis) => draw.int(1, size - begin[axis]!)) },
      };
    }
    case 'StridedSlice': {
      const begin = x.shape.map((size) => draw.int(0, size - 1));
      const end = x.shape.map((size, axis) => draw.int(begin[axis]!, size));
      const masks = {
        beginMask: draw.pick(0, 1),
        endMask: draw.pick(0, 1),
        ellipsisMask: 0,
        newAxisMask: draw.pick(0, 0, 1),
        shrinkAxisMask: draw.pick(0, 0, 1),
      };
      return {
        inputs: { x },
        attributes: { begin, end, strides: each(() => draw.pick(1, 1, 2, -1)), ...masks },
      };
    }
    case 'Reshape':
      return {
        inputs: { x },
        attributes: {
          shape: draw.pick<number[]>([-1], [...x.shape, 1], [x.shape.reduce((a, b) => a * b, 1)]),
        },
      };
    case 'ExpandDims':
      return { inputs: { input: x }, attributes: { dim: draw.int(-1, rank) } };
    case 'Unpack':
      return { inputs: { value: x }, attributes: { axis: draw.int(0, rank - 1) } };
    case 'SplitV': {
      const axis = draw.int(0, rank - 1);
      const size = x.shape[axis]!;
      return {
        inputs: { x },
        attributes: { axis, numOrSizeSplits: draw.pick<unknown>(1, size, [1, size - 1]) },
      };
    }
    case 'Unique':
      return { inputs: { x: of(number(draw), x.shape) }, attributes: { axis: draw.int(0, rank - 1) } };
    default:
      return { inputs: { x: of(number(draw), [draw.int(1, 5)]) }, attributes: {} };
  }
}

function several(draw: Draw, kernel: string): Body {
  const shape = draw.shape(1, 4);
  const dtype = number(draw);
  const axis = draw.int(0, shape.length - 1);
  const count = draw.int(1, 3);
  const inputs = Array.from({ length: count }, () =>
    of(
      dtype,
      kernel === 'Concat' ? shape.map((size, index) => (index === axis ? draw.int(1, 4) : size)) : shape,
    ),
  );
  return { inputs, attributes: kernel === 'AddN' ? {} : { axis } };
}

function indexed(draw: Draw, kernel: string): Body {
  const rows = draw.int(1, 6);
  switch (kernel) {
    case 'GatherV2': {
      const x = of(anyType(draw), draw.shape(1, 4));
      const axis = draw.int(0, x.shape.length - 1);
      return {
        inputs: { x, indices: int(draw.shape(1, 2), x.shape[axis]) },
        attributes: { axis, batchDims: 0 },
      };
    }
    case 'GatherNd': {
      const params = of(number(draw), draw.shape(1, 3));
      return {
        inputs: {
          params,
          indices: int([draw.int(1, 4), draw.int(1, params.shape.length)], Math.min(...params.shape)),
        },
        attributes: {},
      };
    }
    case 'ScatterNd':
    case 'TensorScatterUpdate': {
      const shape = [rows, draw.int(1, 4)];
      const depth = draw.int(1, 2);
      const count = draw.int(1, 4);
      const indices = int([count, depth], Math.min(...shape));
      const updates = of(number(draw), [count, ...shape.slice(depth)]);
      return kernel === 'ScatterNd'
        ? { inputs: { indices, updates }, attributes: { shape } }
        : { inputs: { tensor: of(updates.dtype, shape), indices, updates }, attributes: {} };
    }
    case 'SparseToDense': {
      const count = draw.int(1, 4);
      const outputShape = [rows, draw.int(1, 4)];
      const dtype = number(draw);
      return {
        inputs: {
          sparseIndices: int([count, 2], Math.min(...outputShape)),
          sparseValues: of(dtype, draw.pick([count], [])),
          defaultValue: of(dtype, []),
        },
        attributes: { outputShape },
      };
    }
    case 'OneHot':
      return {
        inputs: { indices: int(draw.shape(1, 3), 6) },
        attributes: { depth: draw.int(1, 6), onValue: 1, offValue: 0, dtype: draw.pick('int32', 'float32') },
      };
    case 'Bincount':
    case 'DenseBincount': {
      const x = int(kernel === 'Bincount' ? [rows] : draw.pick([rows], [2, rows]), 8);
      const weights = draw.bool() ? of(number(draw), x.shape) : of(number(draw), [0]);
      return {
        inputs: { x, weights },
        attributes: { size: draw.int(1, 8), ...(kernel === 'Bincount' ? {} : { binaryOutput: draw.bool() }) },
      };
    }
    case 'SearchSorted':
      return {
        inputs: { sortedSequence: int([2, rows]), values: int([2, draw.int(1, 4)]) },
        attributes: { side: draw.pick('left', 'right') },
      };
    case 'UnsortedSegmentSum': {
      const numSegments = draw.int(1, 6);
      const x = of(number(draw), draw.shape(1, 3));
      return {
        inputs: { x, segmentIds: int(draw.pick([x.shape[0]!], x.shape), numSegments) },
        attributes: { numSegments },
      };
    }
    case 'TopK': {
      const x = of(number(draw), draw.shape(1, 3));
      return { inputs: { x }, attributes: { k: draw.int(1, x.shape.at(-1)!), sorted: true } };
    }
    default: {
      const numRows = draw.int(1, 4);
      return {
        inputs: {
          data: of('float32', [rows, draw.int(1, 3)]),
          indices: int([numRows], rows),
          segmentIds: int([numRows], 1),
        },
        attributes: {},
      };
    }
  }
}

function image(draw: Draw, kernel: string): Body {
  const x = [draw.int(1, 2), draw.int(1, 6), draw.int(1, 6), draw.int(1, 3)];
  const images = of(draw.pick('float32', 'float32', 'int32'), x);
  const size = [draw.int(1, 8), draw.int(1, 8)];
  const align = draw.pick(
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  );
  const block = draw.int(1, 2);
  switch (kernel) {
    case 'ResizeBilinear':
    case 'ResizeNearestNeighbor':
      return { inputs: { images }, attributes: { ...align, size } };
    case 'ResizeBilinearGrad':
    case 'ResizeNearestNeighborGrad':
      return {
        inputs: { images: float(x), dy: float([x[0]!, ...size, x[3]!]) },
        attributes: { alignCorners: align.alignCorners },
      };
    case 'CropAndResize':
      return {
        inputs: { image: images, boxes: float([3, 4]), boxInd: int([3], x[0]) },
        attributes: { method: draw.pick('bilinear', 'nearest'), extrapolationValue: 0, cropSize: size },
      };
    case 'FlipLeftRight':
      return { inputs: { image: images }, attributes: {} };
    case 'RotateWithOffset':
      return {
        inputs: { image: images },
        attributes: {
          radians: draw.pick(0, 0.5),
          fillValue: draw.pick<unknown>(0, [1, 2, 3].slice(0, x[3])),
          center: draw.pick<unknown>(0.5, [0.25, 0.5]),
        },
      };
    case 'Transform':
      return {
        inputs: { image: float(x), transforms: float([draw.pick(1, x[0]!), 8]) },
        attributes: {
          interpolation: draw.pick('nearest', 'bilinear'),
          fillMode: draw.pick('constant', 'reflect', 'wrap', 'nearest'),
          fillValue: 0,
          outputShape: size,
        },
      };
    case 'DepthToSpace':
      return {
        inputs: { x: of(number(draw), [x[0]!, x[1]!, x[2]!, x[3]! * block * block]) },
        attributes: { blockSize: block, dataFormat: draw.pick('NHWC', 'NHWC', 'NCHW') },
      };
    case 'BatchToSpaceND':
      return {
        inputs: { x: of(number(draw), [x[0]! * block * block, ...x.slice(1)]) },
        attributes: {
          blockShape: [block, block],
          crops: [
            [0, draw.int(0, 1)],
            [draw.int(0, 1), 0],
          ],
        },
      };
    case 'SpaceToBatchND':
      return {
        inputs: { x: of(number(draw), [x[0]!, block * x[1]!, block * x[2]!, x[3]!]) },
        attributes: {
          blockShape: [block, block],
          paddings: [
            [0, block],
            [block, 0],
          ],
        },
      };
    case 'Dilation2D':
    case 'Dilation2DBackpropFilter':
    case 'Dilation2DBackpropInput': {
      const filter = [draw.int(1, 3), draw.int(1, 3), x[3]!];
      const strides = draw.int(1, 2);
      const inputs = { x: float(x), filter: float(filter) };
      const attributes = { strides, pad: 'same', dilations: 1 };
      const dy = float([x[0]!, Math.ceil(x[1]! / strides), Math.ceil(x[2]! / strides), x[3]!]);
      return { inputs: kernel === 'Dilation2D' ? inputs : { ...inputs, dy }, attributes };
    }
    case 'LRN':
    case 'LRNGrad': {
      const attributes = { depthRadius: draw.int(0, 3), bias: 1, alpha: 0.5, beta: 0.5 };
      return kernel === 'LRN'
        ? { inputs: { x: float(x) }, attributes }
        : { inputs: { x: float(x), y: float(x), dy: float(x) }, attributes };
    }
    default: {
      const channels = [x[3]!];
      const optional = draw.bool() ? { offset: float(channels), scale: float(channels) } : {};
      return {
        inputs: {
          x: float(x),
          mean: float(channels),
          variance: { ...float(channels), below: 4 },
          ...optional,
        },
        attributes: { varianceEpsilon: 0.5 },
      };
    }
  }
}

function other(draw: Draw, kernel: string): Body {
  const rows = draw.int(1, 6);
  switch (kernel) {
    case 'Fill':
      return {
        inputs: {},
        attributes: { shape: draw.shape(0, 3), value: draw.pick(0, 1), dtype: draw.pick('float32', 'int32') },
      };
    case 'Range':
      return {
        inputs: {},
        attributes: {
          start: 0,
          stop: draw.int(-4, 8),
          step: draw.pick(1, 2, -1),
          dtype: draw.pick('float32', 'int32'),
        },
      };
    case 'LinSpace':
      return { inputs: {}, attributes: { start: 0, stop: draw.int(-4, 8), num: draw.int(1, 6) } };
    case 'Prelu': {
      const shape = draw.shape(1, 4);
      return {
        inputs: { x: of(number(draw), shape), alpha: float(draw.pick(shape, shape.slice(-1))) },
        attributes: {},
      };
    }
    case 'EluGrad': {
      const shape = draw.shape(1, 3);
      return { inputs: { dy: float(shape), y: float(shape) }, attributes: {} };
    }
    case 'Select': {
      const shape = draw.shape(1, 3);
      const dtype = number(draw);
      return {
        inputs: { condition: bool(draw.pick(shape, [shape[0]!])), t: of(dtype, shape), e: of(dtype, shape) },
        attributes: {},
      };
    }
    case 'Multinomial':
      return {
        inputs: { logits: float([2, rows]) },
        attributes: { numSamples: draw.int(1, 5), seed: 1, normalized: false },
      };
    case 'BroadcastArgs':
      return { inputs: { s0: int([draw.int(1, 3)], 2), s1: int([draw.int(1, 3)], 2) }, attributes: {} };
    case 'SparseReshape':
      return {
        inputs: { inputIndices: int([rows, 2], 2), inputShape: int([2], 3), newShape: int([2], 3) },
        attributes: {},
      };
    case 'SparseFillEmptyRows':
      return {
        inputs: {
          indices: int([rows, 2], 2),
          values: float([rows]),
          denseShape: int([2], 4),
          defaultValue: float([]),
        },
        attributes: {},
      };
    default: {
      const inputs = { boxes: float([rows, 4]), scores: float([rows]) };
      const attributes = { maxOutputSize: draw.int(1, rows), iouThreshold: 0.5, scoreThreshold: 0 };
      if (kernel.endsWith('V4'))
        return { inputs, attributes: { ...attributes, padToMaxOutputSize: draw.bool() } };
      if (kernel.endsWith('V5'))
        return { inputs, attributes: { ...attributes, softNmsSigma: draw.pick(0, 0.5) } };
      return { inputs, attributes };
    }
  }
}

/** The operations of @resnet/backend, whose attributes are simpler than tfjs's. */
function ours(draw: Draw, kernel: string): Body {
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

type Make = (draw: Draw, kernel: string) => Body;
const groups: [Make, string][] = [
  [convolution, 'Conv2D Conv2DBackpropInput Conv2DBackpropFilter FusedConv2D'],
  [
    depthwise,
    'DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput DepthwiseConv2dNativeBackpropFilter FusedDepthwiseConv2D',
  ],
  [pool, 'MaxPool MaxPoolGrad AvgPool AvgPoolGrad MaxPoolWithArgmax'],
  [
    volume,
    'Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2 AvgPool3D AvgPool3DGrad MaxPool3D MaxPool3DGrad',
  ],
  [product, 'BatchMatMul _FusedMatMul'],
  [
    unary,
    'Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil ClipByValue Cos Cosh Elu Erf Exp Expm1 Floor Identity IsFinite IsInf IsNan LeakyRelu Log Log1p LogicalNot Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax Softplus Sqrt Square Step Tan Tanh ZerosLike',
  ],
  [
    binary,
    'Add Atan2 BitwiseAnd Equal FloorDiv Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalXor Maximum Minimum Mod Multiply NotEqual Pow RealDiv SquaredDifference Sub',
  ],
  [reduction, 'All Any ArgMax ArgMin Cumprod Cumsum Max Mean Min Prod Sum'],
  [
    rearranged,
    'Diag ExpandDims MirrorPad PadV2 Reshape Reverse Slice SplitV StridedSlice Tile Transpose Unique Unpack',
  ],
  [several, 'AddN Concat Pack'],
  [
    indexed,
    'Bincount DenseBincount GatherNd GatherV2 OneHot ScatterNd SearchSorted SparseSegmentMean SparseSegmentSum SparseToDense TensorScatterUpdate TopK UnsortedSegmentSum',
  ],
  [
    image,
    'BatchToSpaceND CropAndResize DepthToSpace Dilation2D Dilation2DBackpropFilter Dilation2DBackpropInput FlipLeftRight FusedBatchNorm LRN LRNGrad ResizeBilinear ResizeNearestNeighbor RotateWithOffset SpaceToBatchND Transform',
  ],
  [
    other,
    'BroadcastArgs EluGrad Fill LinSpace Multinomial NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 Prelu Range Select SparseFillEmptyRows SparseReshape',
  ],
  [
    ours,
    'BatchNormTraining BatchNormTrainingGradient ConvBatchNormInference ConvBatchNormTraining FusedResidualConv2d GlobalAveragePool GlobalAveragePoolGradient SgdUpdate SoftmaxCrossEntropy SubsamplePad SubsamplePadGradient',
  ],
];

/** For each kernel a call such as programs make. */
export const plausibleCalls = new Map(
  groups.flatMap(([make, kernels]) => kernels.split(' ').map((kernel) => [kernel, make] as const)),
);
