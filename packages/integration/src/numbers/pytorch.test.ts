import { softmaxCrossEntropy } from '@resnet/backend';
import {
  Bottleneck,
  GlobalAveragePool,
  type Graph,
  Linear,
  Module,
  type ShortcutOption,
  type TensorData,
  type Value,
} from '@resnet/blocks';
import { Random } from '@resnet/core';
import { backendsUnderTest, useBackendUnderTest } from '@resnet/testing/backends';
import { Sgd } from '@resnet/train';
import { cifarPlain, cifarResNet } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/training-steps.json' with { type: 'json' };

/** Made by scripts/fixtures/training-steps.py, which says what the numbers are. */
interface Case {
  logits: number[];
  gradients: Record<string, number[]>;
  losses: number[];
  state: Record<string, number[]>;
  inference: number[];
}

type Classifier = Module<tf.Tensor4D, tf.Tensor2D>;

/** A bottleneck with a head. */
class BottleneckNetwork extends Module<tf.Tensor4D, tf.Tensor2D> {
  readonly block: Bottleneck;
  readonly pool = new GlobalAveragePool();
  readonly fc: Linear;

  constructor(shortcut: ShortcutOption, strideOn: '1x1' | '3x3') {
    super();
    const random = new Random(0);
    this.block = new Bottleneck({ inChannels: 8, width: 4, stride: 2, strideOn, shortcut, random });
    this.fc = new Linear({ inFeatures: 16, outFeatures: 10, random });
  }

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(x, this.block, this.pool, this.fc);
  }
}

const networks: Record<string, () => Classifier> = {
  plain: () => cifarPlain(8),
  A: () => cifarResNet(8, { shortcut: 'A' }),
  B: () => cifarResNet(8, { shortcut: 'B' }),
  C: () => cifarResNet(8, { shortcut: 'C' }),
  'bottleneck A 1x1': () => new BottleneckNetwork('A', '1x1'),
  'bottleneck A 3x3': () => new BottleneckNetwork('A', '3x3'),
  'bottleneck B 1x1': () => new BottleneckNetwork('B', '1x1'),
  'bottleneck B 3x3': () => new BottleneckNetwork('B', '3x3'),
};

function wave(shape: readonly number[], phase: number): TensorData {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from(
    { length: size },
    (_, i) => Math.SQRT2 * Math.sin(1 + 12.9898 * i + 0.618 * phase),
  );
  return { shape: [...shape], data };
}

function fill(network: Classifier): void {
  const parameters = [...network.namedParameters()].filter(([, parameter]) => !parameter.isBuffer);
  parameters.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [phase, [, parameter]] of parameters.entries()) {
    const values = wave(parameter.storedShape, phase);
    const { shape, data } = values;
    const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
    for (const [index, value] of data.entries()) {
      if (shape.length === 4) data[index] = value * Math.sqrt(2 / fanIn);
      else if (shape.length === 2) data[index] = value * Math.sqrt(1 / fanIn);
      else data[index] = phase % 2 ? 1 + 0.1 * value : 0.1 * value;
    }
    parameter.write(values);
  }
}

/** The norm of a tensor and its projection on the formula's, as in the script. */
function digest({ data }: TensorData, phase: number): number[] {
  const direction = wave([data.length], phase).data;
  const sum = (term: (value: number, index: number) => number) =>
    data.reduce((total, value, i) => total + term(value, i), 0);
  return [Math.sqrt(sum((value) => value * value)), sum((value, i) => value * direction[i]!)];
}

function expectDigests(
  actual: Map<string, TensorData>,
  expected: Record<string, number[]>,
  tolerance: number,
): void {
  expect([...actual.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [phase, name] of [...actual.keys()].sort().entries()) {
    const [norm, projection] = digest(actual.get(name)!, phase);
    const [expectedNorm, expectedProjection] = expected[name]!;
    // A projection is as uncertain as the whole tensor. Before a pooling the gradient is the same for all pixels of an image, and
    // what a normalization leaves of it is small, with errors of what has canceled.
    const scale = Math.max(expectedNorm!, 5e-2) * tolerance;
    expect(Math.abs(norm! - expectedNorm!), `norm of ${name}`).toBeLessThan(scale);
    const projectionScale = scale * Math.sqrt(actual.get(name)!.data.length);
    expect(Math.abs(projection! - expectedProjection!), `projection of ${name}`).toBeLessThan(
      projectionScale,
    );
  }
}

function largestDifference(actual: ArrayLike<number>, expected: number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!))) / scale;
}

const cases = Object.entries(fixture.cases as Record<string, Case>);
// A CIFAR network takes plain JavaScript 17 seconds.
const small = cases.filter(([name]) => name.startsWith('bottleneck'));

describe.each(backendsUnderTest)('three training steps on $label agree with PyTorch', (underTest) => {
  const backend = useBackendUnderTest(underTest);

  it.for(cases)('%s', async ([name, expected], { skip }) => {
    skip(backend().name === 'cpu' && !small.some(([other]) => other === name), 'it would take too long');
    const network = networks[name]!();
    fill(network);
    const shape = name.startsWith('bottleneck') ? [4, 8, 10, 10] : [4, 3, 32, 32];
    const images = tf.tidy(() =>
      tf.transpose(tf.tensor(wave(shape, 99).data, shape as [4, 3, 32, 32]), [0, 2, 3, 1]),
    );
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32');
    const optimizer = new Sgd(network, { momentum: 0.9, weightDecay: 1e-4 });
    const names = new Map(
      [...network.namedParameters()].map(([n, parameter]) => [parameter.variable.name, n]),
    );

    for (const [step, expectedLoss] of expected.losses.entries()) {
      const outputs: tf.Tensor[] = [];
      const { value, grads } = tf.variableGrads(() => {
        const output = network.forward(images as tf.Tensor4D);
        outputs.push(tf.keep(output.clone()));
        return softmaxCrossEntropy(output, labels);
      }, optimizer.variables);
      const logits = await outputs[0]!.data();
      const [loss] = await value.data();
      expect(Math.abs(loss! / expectedLoss - 1), `loss of step ${step}`).toBeLessThan(1e-4);
      if (step === 0) {
        expect(largestDifference(logits, expected.logits)).toBeLessThan(1e-5);
        const stored = new Map<string, TensorData>();
        for (const [variable, gradient] of Object.entries(grads)) {
          const parameter = [...network.namedParameters()].find(([n]) => n === names.get(variable))![1];
          stored.set(names.get(variable)!, await inStoredLayout(gradient, parameter.layout));
        }
        expectDigests(stored, expected.gradients, 5e-4);
      }
      optimizer.step(grads, 0.1);
      tf.dispose([value, grads, outputs]);
    }
    expectDigests(await network.stateDict(), expected.state, 1e-3);
    network.setTraining(false);
    const inference = network.forward(images as tf.Tensor4D);
    expect(largestDifference(await inference.data(), expected.inference)).toBeLessThan(1e-3);
    tf.dispose([images, labels, inference]);
    optimizer.dispose();
    network.dispose();
  });
});

/** A gradient in the layout of files. */
async function inStoredLayout(gradient: tf.Tensor, layout: string): Promise<TensorData> {
  const axes = { filter: [3, 2, 0, 1], matrix: [1, 0], vector: [0] }[layout]!;
  const transposed = tf.transpose(gradient, axes);
  const data = Float32Array.from(await transposed.data());
  transposed.dispose();
  return { shape: transposed.shape, data };
}
