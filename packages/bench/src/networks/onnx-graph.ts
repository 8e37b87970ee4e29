import { constant, type Graph, node, value, windowAttributes } from '../onnx/graph.js';
import type { FoldedLayer, FoldedNetwork } from './folded.js';

/** The network in ONNX's operations. Images are [count, 3, height, width]. */
export function onnxGraph({ stem, blocks, weight, bias }: FoldedNetwork, imageShape: number[]): Graph {
  const nodes: Graph['nodes'] = [];
  const constants: Graph['constants'] = [];
  const add = (operator: string, inputs: string[], attributes?: Parameters<typeof node>[3]) => {
    const output = `${operator}${nodes.length}`;
    nodes.push(node(operator, inputs, [output], attributes));
    return output;
  };
  const store = (name: string, shape: number[], values: Float32Array) => {
    constants.push(constant(name, shape, values));
    return name;
  };
  const convolve = (x: string, { filters, shape, bias, stride, padding }: FoldedLayer) => {
    const [size, , inChannels, outChannels] = shape;
    const filterShape = [outChannels, inChannels, size, size];
    const filterName = store(`filters${nodes.length}`, filterShape, filtersForOnnx(filters, shape));
    const biasName = store(`bias${nodes.length}`, [outChannels], bias);
    return add('Conv', [x, filterName, biasName], windowAttributes(size, stride, padding));
  };

  let maps = add('MaxPool', [add('Relu', [convolve('x', stem)])], windowAttributes(3, 2, 1));
  for (const { branch, projection } of blocks) {
    let hidden = maps;
    for (const [place, layer] of branch.entries()) {
      hidden = convolve(place === 0 ? hidden : add('Relu', [hidden]), layer);
    }
    maps = add('Relu', [add('Add', [hidden, projection ? convolve(maps, projection) : maps])]);
  }
  const features = add('Flatten', [add('GlobalAveragePool', [maps])]);
  const weightName = store('weight', [weight.length / bias.length, bias.length], weight);
  const logits = add('Gemm', [features, weightName, store('bias', [bias.length], bias)]);
  return {
    nodes,
    constants,
    inputs: [value('x', imageShape)],
    outputs: [value(logits, [imageShape[0]!, bias.length])],
  };
}

/** Filters from tfjs's layout to ONNX's: [outChannels, inChannels, height, width]. */
function filtersForOnnx(
  filters: Float32Array,
  [height, width, inChannels, outChannels]: FoldedLayer['shape'],
): Float32Array {
  const places = height * width;
  const values = new Float32Array(filters.length);
  for (let from = 0, place = 0; place < places; place++) {
    for (let inChannel = 0; inChannel < inChannels; inChannel++) {
      for (let outChannel = 0; outChannel < outChannels; outChannel++, from++) {
        values[(outChannel * inChannels + inChannel) * places + place] = filters[from]!;
      }
    }
  }
  return values;
}
