/** One layer of a network, as `trace` finds it. Shapes are of one image: [height, width, channels] or [features]. */
export interface Layer {
  /** The name of the module in the network: `layer1.0.conv1`. */
  name: string;
  kind:
    | 'convolution'
    | 'batch normalisation'
    | 'max pool'
    | 'average pool'
    | 'fully connected'
    | 'shortcut A'
    | 'addition';
  inputShape: number[];
  outputShape: number[];
  /** Learned values. */
  parameters: number;
  /** Multiplications with additions, as the paper counts FLOPs (Table 1): of convolutions and fully connected layers. */
  multiplyAdds: number;
}

export type LayerVisitor = (layer: Layer) => void;

interface Traceable {
  trace(shape: number[], visit: LayerVisitor, name: string): number[];
}

/** Follows a shape through modules one after another. `prefix` is the name of what holds them, '' at the top. */
export function traceInOrder(
  modules: Record<string, Traceable>,
  shape: number[],
  visit: LayerVisitor,
  prefix: string,
): number[] {
  let current = shape;
  for (const [name, module] of Object.entries(modules)) {
    current = module.trace(current, visit, prefix === '' ? name : `${prefix}.${name}`);
  }
  return current;
}

/** Reports the addition at the end of a residual block. */
export function traceAddition(shape: number[], visit: LayerVisitor, block: string): number[] {
  visit({
    name: `${block}.add`,
    kind: 'addition',
    inputShape: shape,
    outputShape: shape,
    parameters: 0,
    multiplyAdds: 0,
  });
  return shape;
}
