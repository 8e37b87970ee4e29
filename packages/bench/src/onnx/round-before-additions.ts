import type { ByteRange } from '../networks/quantized.js';
import { constant, node } from './graph.js';
import { decodeModel, encodeModel, type OnnxMessage } from './schema.js';

const UINT8 = 2;

type Node = OnnxMessage['graph']['node'][number];

/**
 * A file of `exportInt8Onnx` in which also the convolutions before additions are rounded to bytes, as ONNX Runtime asks for to
 * compute them with bytes: as it is, it computes these in float32.
 *
 * @param ranges by the name of the convolution
 */
export function roundBeforeAdditions(file: Uint8Array, ranges: ReadonlyMap<string, ByteRange>): Uint8Array {
  const model = decodeModel(file);
  const { graph } = model;
  const added = new Set(graph.node.filter(({ op_type }) => op_type === 'Add').map(({ input }) => input[0]!));
  graph.node = graph.node.flatMap((found): Node[] => {
    const [given] = found.output as [string];
    if (!added.has(given)) return [found];
    const { scale, zero } = ranges.get(found.input[1]!.replace('.weight.values', ''))!;
    const [exact, bytes] = [`${given}.exact`, `${given}.bytes`];
    const range = [`${given}.scale`, `${given}.zero`] as const;
    graph.initializer.push(constant(range[0], [], Float32Array.of(scale)), {
      ...constant(range[1], [], Uint8Array.of(zero)),
      data_type: UINT8,
    });
    return [
      { ...found, output: [exact] },
      node('QuantizeLinear', [exact, ...range], [bytes]) as Node,
      node('DequantizeLinear', [bytes, ...range], [given]) as Node,
    ];
  });
  return encodeModel(model);
}
