import { Random } from '@resnet/core';
import { useOneBackend, valuesOf } from '@resnet/testing/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  BasicBlock,
  BatchNorm,
  Bottleneck,
  Conv2d,
  graphOf,
  Linear,
  type Module,
  PlainBlock,
  Sequential,
} from './index.js';

useOneBackend();

const image = (channels: number, size = 8) =>
  tf.randomNormal<tf.Rank.R4>([2, size, size, channels], 0, 1, 'float32', 5);
const values = async (make: () => tf.Tensor) => [...(await valuesOf(make))];

/** Runs a test and asserts that it left no tensor behind. */
async function withoutLeaks(test: () => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await test();
  expect(tf.memory().numTensors).toBe(before);
}

describe('blocks', () => {
  const random = () => new Random(1);
  const blocks: [string, () => Module<tf.Tensor4D, tf.Tensor4D>, number][] = [
    ['plain', () => new PlainBlock({ inChannels: 4, outChannels: 8, stride: 2, random: random() }), 8],
    ...(['A', 'B', 'C'] as const).flatMap(
      (shortcut): [string, () => Module<tf.Tensor4D, tf.Tensor4D>, number][] => [
        [
          `basic ${shortcut}`,
          () => new BasicBlock({ inChannels: 4, outChannels: 8, stride: 2, shortcut, random: random() }),
          8,
        ],
        [
          `basic ${shortcut} same size`,
          () => new BasicBlock({ inChannels: 4, outChannels: 4, shortcut, random: random() }),
          4,
        ],
        ...(['1x1', '3x3'] as const).map(
          (strideOn): [string, () => Module<tf.Tensor4D, tf.Tensor4D>, number] => [
            `bottleneck ${shortcut}, stride on ${strideOn}`,
            () =>
              new Bottleneck({ inChannels: 4, width: 2, stride: 2, strideOn, shortcut, random: random() }),
            8,
          ],
        ),
      ],
    ),
  ];

  it.each(blocks)('%s: shapes as traced, gradients for every parameter, no leaks', (_, create, outChannels) =>
    withoutLeaks(async () => {
      const block = create();
      const x = image(4);
      const y = block.forward(x);
      const { graph, output } = graphOf(block, [8, 8, 4]);
      expect([2, ...output.shape]).toEqual(y.shape);
      expect(output.name).toBe(graph.nodes.at(-1)!.name);
      expect(y.shape[3]).toBe(outChannels);
      expect(graph.nodes.reduce((sum, node) => sum + node.parameters, 0)).toBe(block.parameterCount());
      const parameters = [...block.namedParameters()].filter(([, parameter]) => parameter.trainable);
      const variables = parameters.map(([, parameter]) => parameter.variable);
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(block.forward(x))), variables);
      for (const variable of variables) {
        expect((await grads[variable.name]!.data()).some((g) => g !== 0)).toBe(true);
      }
      tf.dispose([x, y, value, grads]);
      block.dispose();
    }),
  );

  it('names its parameters as torchvision does', async () => {
    const block = new BasicBlock({
      inChannels: 4,
      outChannels: 8,
      stride: 2,
      shortcut: 'B',
      random: random(),
    });
    const norm = (name: string) =>
      ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part}`);
    expect([...(await block.stateDict()).keys()]).toEqual([
      ...['conv1.weight', ...norm('bn1'), 'conv2.weight', ...norm('bn2')],
      ...['downsample.0.weight', ...norm('downsample.1')],
    ]);
    block.dispose();
  });

  it('computes relu(F(x) + x) for the identity shortcut', async () => {
    const block = new BasicBlock({ inChannels: 4, outChannels: 4, shortcut: 'A', random: random() });
    block.bn2.weight.write({ shape: [4], data: new Float32Array(4) });
    const x = image(4);
    expect(await values(() => block.forward(x))).toEqual(await values(() => tf.relu(x)));
    x.dispose();
    block.dispose();
  });

  it('gives the same weights for the same seed, and a plain block those of the basic block', async () => {
    const config = { inChannels: 4, outChannels: 8, stride: 2 };
    const plain = new PlainBlock({ ...config, random: random() });
    const basic = new BasicBlock({ ...config, shortcut: 'A', random: random() });
    const other = new PlainBlock({ ...config, random: new Random(2) });
    const state = await plain.stateDict();
    expect(state).toEqual(await basic.stateDict());
    expect(state).not.toEqual(await other.stateDict());
    for (const block of [plain, basic, other]) block.dispose();
  });
});

describe('initialization', () => {
  it('has the deviation of He et al.', async () => {
    const conv = new Conv2d({ inChannels: 16, outChannels: 64, size: 3, random: new Random(3) });
    const weights = await values(() => tf.clone(conv.weight.variable));
    const deviation = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
    expect(deviation).toBeCloseTo(Math.sqrt(2 / (9 * 16)), 2);
    conv.dispose();
  });
});

describe('BatchNorm', () => {
  it('keeps running statistics as PyTorch does, and uses them in inference', async () => {
    const norm = new BatchNorm(1);
    const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
    const trained = await values(() => norm.forward(x));
    const [mean, biased, unbiased] = [3, 3.5, 14 / 3];
    expect(trained[0]).toBeCloseTo((1 - mean) / Math.sqrt(biased + 1e-5), 5);
    const statistic = async ({ variable }: { variable: tf.Variable }) => (await variable.data())[0];
    expect(await statistic(norm.runningMean)).toBeCloseTo(0.1 * mean, 6);
    expect(await statistic(norm.runningVar)).toBeCloseTo(0.9 + 0.1 * unbiased, 6);
    norm.setTraining(false);
    const inferred = await values(() => norm.forward(x));
    expect(inferred[0]).toBeCloseTo((1 - 0.3) / Math.sqrt(0.9 + 0.1 * unbiased + 1e-5), 5);
    expect(await statistic(norm.runningMean)).toBeCloseTo(0.3, 6);
    x.dispose();
    norm.dispose();
  });

  it('keeps to its running statistics when frozen, also in training', async () => {
    const norm = new BatchNorm(2);
    norm.freeze();
    norm.setTraining(true);
    const before = await norm.stateDict();
    const [value] = await values(() => norm.forward(tf.ones([1, 2, 2, 2])));
    expect(value).toBeCloseTo(1, 4);
    expect(await norm.stateDict()).toEqual(before);
    expect([...norm.namedParameters()].filter(([, parameter]) => parameter.trainable)).toEqual([]);
    norm.dispose();
  });

  it('refuses a batch that has no variance', () => {
    const norm = new BatchNorm(2);
    tf.tidy(() => {
      expect(() => norm.forward(tf.ones([1, 1, 1, 2]))).toThrow(
        expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
      );
    });
    norm.dispose();
  });
});

describe('Module', () => {
  it('stores filters and matrices in PyTorch’s layouts, and takes them back', async () => {
    const conv = new Conv2d({ inChannels: 2, outChannels: 3, size: 3, random: new Random(1) });
    const linear = new Linear({ inFeatures: 2, outFeatures: 3, random: new Random(1) });
    const filter = (await conv.weight.variable.array()) as number[][][][];
    const stored = await conv.weight.read();
    expect(stored.shape).toEqual([3, 2, 3, 3]);
    // OIHW [2, 1, 0, 2] is HWIO [0, 2, 1, 2].
    expect(stored.data[((2 * 2 + 1) * 3 + 0) * 3 + 2]).toBe(filter[0]![2]![1]![2]);
    const matrix = await linear.weight.read();
    expect(matrix.shape).toEqual([3, 2]);
    expect(matrix.data[1 * 2 + 0]).toBe(((await linear.weight.variable.array()) as number[][])[0]![1]);
    for (const module of [conv, linear]) {
      const state = await module.stateDict();
      for (const { data } of state.values()) data.reverse();
      module.loadStateDict(state);
      expect(await module.stateDict()).toEqual(state);
      module.dispose();
    }
  });

  it('lists all that is wrong with a state dictionary, and then changes nothing', async () => {
    const random = new Random(1);
    const modules = [new Conv2d({ inChannels: 1, outChannels: 2, size: 1, random }), new BatchNorm(2)];
    const network = new Sequential(modules);
    const before = await network.stateDict();
    const state = await network.stateDict();
    state.delete('1.running_mean');
    state.delete('1.bias');
    state.set('fc.weight', { shape: [1], data: new Float32Array(1) });
    state.set('0.weight', { shape: [2, 1, 3, 3], data: new Float32Array(18) });
    expect(() => network.loadStateDict(state)).toThrow(
      expect.objectContaining({
        code: 'WEIGHTS_MISMATCH',
        message: [
          'The weights are not of this network.',
          '  2 missing: 1.bias, 1.running_mean',
          '  1 unexpected: fc.weight',
          '  1 misshapen: 0.weight (expected [2,1,1,1], found [2,1,3,3])',
        ].join('\n'),
      }),
    );
    expect(await network.stateDict()).toEqual(before);
    network.dispose();
  });

  it('switches and freezes everything within', () => {
    const block = new BasicBlock({
      inChannels: 2,
      outChannels: 4,
      stride: 2,
      shortcut: 'B',
      random: new Random(1),
    });
    block.setTraining(false);
    expect(block.downsample.training).toBe(false);
    expect(block.bn2.training).toBe(false);
    block.freeze();
    expect([...block.namedParameters()].every(([, parameter]) => !parameter.trainable)).toBe(true);
    block.dispose();
  });
});
