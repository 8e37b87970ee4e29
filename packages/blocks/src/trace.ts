import type { BatchNorm } from './batch-norm.js';
import type { Conv2d } from './conv2d.js';
import type { Linear } from './linear.js';
import type { GlobalAveragePool, MaxPool } from './pool.js';
import type { IdentityShortcut } from './shortcut.js';

/** What a layer does, and the module that does it. */
export type LayerOperation =
  | { kind: 'convolution'; module: Conv2d }
  | { kind: 'batch normalisation'; module: BatchNorm }
  | { kind: 'max pool'; module: MaxPool }
  | { kind: 'average pool'; module: GlobalAveragePool }
  | { kind: 'fully connected'; module: Linear }
  | { kind: 'shortcut A'; module: IdentityShortcut }
  | { kind: 'relu' }
  | { kind: 'sigmoid' }
  | { kind: 'addition' }
  /** inputs: transform, gate, carried; see HighwayBlock. */
  | { kind: 'gating' };

/** One layer of a network, as `trace` finds it. Shapes are of one image: [height, width, channels] or [features]. */
export type Layer = LayerOperation & {
  /** The name of the module in the network: `layer1.0.conv1`. */
  name: string;
  /** The layers whose results it takes, by name. */
  inputs: readonly string[];
  /** Of its first input. */
  inputShape: readonly number[];
  outputShape: readonly number[];
  /** Learned values. */
  parameters: number;
  /** Multiplications with additions, as the paper counts FLOPs (Table 1): of convolutions and fully connected layers. */
  multiplyAdds: number;
};

/** What flows through a network: the result of the layer of this name, or the network's input. */
export interface Value {
  name: string;
  /** Of one image. */
  shape: readonly number[];
}

export type LayerVisitor = (layer: Layer) => void;

interface Traceable {
  trace(input: Value, visit: LayerVisitor, name: string): Value;
}

type Costs = Partial<Pick<Layer, 'parameters' | 'multiplyAdds'>>;

/** Reports one layer, and gives its result. */
export function visitLayer(
  visit: LayerVisitor,
  name: string,
  operation: LayerOperation,
  inputs: readonly [Value, ...Value[]],
  shape: readonly number[],
  { parameters = 0, multiplyAdds = 0 }: Costs = {},
): Value {
  visit({
    ...operation,
    name,
    inputs: inputs.map((input) => input.name),
    inputShape: inputs[0].shape,
    outputShape: shape,
    parameters,
    multiplyAdds,
  });
  return { name, shape };
}

/** Follows a value through modules one after another. `prefix` is the name of what holds them, '' at the top. */
export function traceInOrder(
  modules: Record<string, Traceable>,
  input: Value,
  visit: LayerVisitor,
  prefix: string,
): Value {
  let current = input;
  for (const [name, module] of Object.entries(modules)) {
    current = module.trace(current, visit, prefix === '' ? name : `${prefix}.${name}`);
  }
  return current;
}

/** Reports the ReLU after a layer. */
export function traceRelu(input: Value, visit: LayerVisitor, name: string): Value {
  return visitLayer(visit, name, { kind: 'relu' }, [input], input.shape);
}

/** Reports the end of a residual block: the shortcut's addition, and the ReLU after it. */
export function traceAddition(input: Value, shortcut: Value, visit: LayerVisitor, block: string): Value {
  const sum = visitLayer(visit, `${block}.add`, { kind: 'addition' }, [input, shortcut], input.shape);
  return traceRelu(sum, visit, `${block}.relu`);
}
