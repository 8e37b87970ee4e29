import { type Backend, useBackend } from '@resnet/backend';
import {
  Add,
  BasicBlock,
  BatchNorm,
  Conv2d,
  GlobalAveragePool,
  type Graph,
  Layer,
  Linear,
  Module,
  NormLayer,
  Parameter,
  Relu,
  type Shape,
  type StateDict,
  type Value,
} from '@resnet/blocks';
import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cifarPlain,
  create,
  exportOnnx,
  features,
  fuse,
  layersOf,
  Network,
  type NetworkOptions,
  networkNames,
  openModel,
  packModel,
  ResNet,
  register,
  runLayers,
  summarize,
} from '../index.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

const random = new Random(3);
const images = (size = 16, count = 2) =>
  tf.randomNormal<tf.Rank.R4>([count, size, size, 3], 0, 1, 'float32', 7);

function apart(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]!);
}

/** A network of one part of modules, a pooling and a last layer. */
class Small extends Network {
  readonly pool: Module = new GlobalAveragePool();
  declare fc: Linear;

  constructor(
    readonly body: Record<string, Module>,
    { name = 'small', channels = 4, classes = 3 } = {},
  ) {
    super({ name, classes, inChannels: 3 }, 16);
    Object.assign(this, body);
    this.fc = new Linear({ inFeatures: channels, outFeatures: classes, random });
  }

  override parts(): Map<string, readonly Module[]> {
    const body = Object.entries(this.body).map(([name, module]) => [name, [module]] as const);
    return new Map<string, readonly Module[]>([...body, ['pool', [this.pool]], ['fc', [this.fc]]]);
  }
}

const conv = (inChannels: number, bias = false) =>
  new Conv2d({ inChannels, outChannels: 4, size: 3, bias, initialBias: 0.5, random });

/** What inference and its other readers give must be what the network gives. */
async function expectAgreement(network: Network): Promise<void> {
  const x = images();
  // So that running statistics are not those of the start.
  network.setTraining(true);
  network.forward(x).dispose();
  network.setTraining(false);
  const before = tf.memory().numTensors;
  const expected = network.forward(x);
  const fused = fuse(network);
  const layerwise = await runLayers(network, x, () => {});
  const map = await fused.inferMap(x);
  const found = [fused.forward(x), layerwise, tf.reshape(map, expected.shape)];
  for (const logits of found) expect(apart(logits, expected)).toBeLessThan(1e-5);
  fused.dispose();
  tf.dispose([expected, map, ...found]);
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
}

/** Gives what it takes, as layers of strangers may. */
class Same extends Layer {
  readonly kind = 'same';

  override outputShape(input: Shape): Shape {
    return input;
  }

  override infer(_: object, x: tf.Tensor): tf.Tensor {
    return x;
  }
}

/** Makes a vector of a map, and does not say how it would slide. */
class GlobalMaxPool extends Layer {
  readonly kind = 'global max pool';

  override outputShape(input: Shape): Shape {
    return [input[2]!];
  }

  override infer(_: object, x: tf.Tensor): tf.Tensor {
    return tf.max(x, [1, 2]);
  }
}

class ChannelScale extends NormLayer {
  readonly kind = 'channel scale';
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    this.weight = new Parameter(() => new Float32Array(channels).fill(0.5), [channels], 'vector');
    this.bias = new Parameter(() => new Float32Array(channels).fill(0.1), [channels], 'vector');
  }

  override outputShape(input: Shape): Shape {
    return input;
  }

  override infer({ weight, bias }: Record<'weight' | 'bias', tf.Tensor>, x: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(x, weight), bias);
  }

  override makeIdentity(): void {}
}

/** The same layers twice. */
class Twice extends Module {
  readonly conv = conv(4);
  readonly bn = new BatchNorm(4);
  readonly relu = new Relu();
  readonly add = new Add();

  override describe(graph: Graph, x: Value): Value {
    const once = graph.chain(x, this.conv, this.bn, this.relu);
    return graph.call(this.add, graph.chain(once, this.conv, this.bn, this.relu), once);
  }
}

/** Not what it inherits from computes. */
class Relu6 extends Relu {
  override infer(_: object, x: tf.Tensor): tf.Tensor {
    return tf.clipByValue(x, 0, 0.1);
  }
}

class HalvedConv extends Conv2d {
  override infer(weights: { weight: tf.Tensor4D }, x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => tf.mul(super.infer(weights, x), 0.5));
  }
}

/** Computes more than it gives, behind what it gives. */
class Watched extends Module {
  readonly conv = conv(4);
  readonly relu = new Relu();
  readonly aside = conv(4);
  readonly after = new Relu();

  override describe(graph: Graph, x: Value): Value {
    const y = graph.chain(x, this.conv);
    graph.chain(y, this.after);
    graph.mark('aside', graph.call(this.aside, x));
    return y;
  }
}

class Unnamed extends Module {
  override describe(graph: Graph, x: Value): Value {
    return graph.call(new Relu(), x);
  }
}

describe('a network of layers and blocks of others', () => {
  it.each<[string, () => Record<string, Module>]>([
    ['normalization before a convolution', () => ({ bn: new BatchNorm(3), relu: new Relu(), conv: conv(3) })],
    ['a convolution with bias before normalization', () => ({ conv: conv(3, true), bn: new BatchNorm(4) })],
    ['a layer that gives what it takes', () => ({ conv: conv(3), same: new Same(), relu: new Relu() })],
    ['layers that are used twice', () => ({ conv: conv(3), twice: new Twice() })],
    ['an heir of ReLU behind a convolution', () => ({ conv: conv(3), relu: new Relu6() })],
    [
      'an heir of a convolution',
      () => ({
        conv: new HalvedConv({ inChannels: 3, outChannels: 4, size: 3, random }),
        bn: new BatchNorm(4),
      }),
    ],
    ['layers that nothing takes', () => ({ conv: conv(3), watched: new Watched() })],
    ['another normalization', () => ({ conv: conv(3), norm: new ChannelScale(4), relu: new Relu() })],
  ])('is run, fused and slid alike: %s', async (_, body) => {
    const network = new Small(body());
    await expectAgreement(network);
    network.dispose();
  });

  it('trains every parameter, of a block that is used twice too', () => {
    const network = new Small({ conv: conv(3), twice: new Twice() });
    const x = images();
    const variables = [...network.namedParameters()]
      .filter(([, parameter]) => parameter.trainable)
      .map(([, parameter]) => parameter.variable);
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(network.forward(x))), variables);
    for (const variable of variables) expect(tf.max(tf.abs(grads[variable.name]!)).dataSync()[0]).not.toBe(0);
    tf.dispose([value, grads, x]);
    network.dispose();
  });

  it('names a layer that is used again, and counts its parameters once', () => {
    const network = new Small({ conv: conv(3), twice: new Twice() });
    const layers = layersOf(network);
    expect(layers.map(({ name }) => name).filter((name) => name.startsWith('twice.conv'))).toEqual([
      'twice.conv',
      'twice.conv#2',
    ]);
    const { parameters, depth } = summarize(network);
    expect(parameters).toBe(network.parameterCount());
    expect(depth).toBe(4);
    network.dispose();
  });

  it('gives the values of parts, where the next part begins with what would be fused', () => {
    const network = new Small({ conv: conv(3), bn: new BatchNorm(4), relu: new Relu() });
    network.setTraining(false);
    const x = images();
    const found = features(network, x, ['conv', 'bn', 'fc']);
    const alone = (network.body.conv as Conv2d).forward(x);
    expect(apart(found.conv, alone)).toBeLessThan(1e-6);
    const logits = network.forward(x);
    expect(apart(found.fc, logits)).toBeLessThan(1e-5);
    tf.dispose([x, found, alone, logits]);
    network.dispose();
  });

  it('says what a layer would have to say', async () => {
    const network = new Small({ conv: conv(3), same: new Same() });
    await expect(exportOnnx({ network })).rejects.toThrow(
      expect.objectContaining({
        code: 'LAYER_UNSUPPORTED',
        message: expect.stringContaining('same (same)'),
      }),
    );
    network.dispose();
    const pooled = new (class extends Small {
      override readonly pool: Module = new GlobalMaxPool();
    })({ conv: conv(3) });
    const fused = fuse(pooled);
    const x = images(20);
    await expect(fused.inferMap(x)).rejects.toThrow("give its class a method 'slide'");
    const unnamed = new Small({ conv: conv(3), unnamed: new Unnamed() });
    expect(() => unnamed.forward(x)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    const misnamed = new Small({ input: conv(3), relu: new Relu() });
    expect(() => misnamed.forward(x)).toThrow("can't be called 'input'");
    misnamed.dispose();
    const reserved = new Small({ images: conv(3) });
    await expect(exportOnnx({ network: reserved })).rejects.toThrow("The layer 'images'");
    reserved.dispose();
    const wrong = new Small({ conv: conv(5) });
    expect(() => wrong.forward(x)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
    for (const each of [fused, pooled, unnamed, wrong, x]) each.dispose();
  });
});

describe('ResNet', () => {
  const config = (name: string, options: NetworkOptions) => ({
    ...options,
    architecture: {
      name,
      classes: options.classes ?? 2,
      inChannels: options.inChannels ?? 3,
      shortcut: 'A' as const,
    },
    designSize: 16,
    stages: [{ blocks: 1, width: 4 }],
  });

  it('takes another normalization in all of its blocks', async () => {
    const network = new ResNet({
      ...config('scaled', {}),
      normLayer: (channels) => new ChannelScale(channels),
      stem: ({ inChannels, normLayer }) => ({
        conv1: new Conv2d({ inChannels, outChannels: 4, size: 3, random }),
        bn1: normLayer(4),
      }),
      block: ({ width, shortcut, ...rest }) =>
        new BasicBlock({ ...rest, outChannels: width, shortcut: shortcut! }),
    });
    await expectAgreement(network);
    expect(layersOf(network).filter(({ kind }) => kind === 'channel scale')).toHaveLength(3);
    network.dispose();
  });

  it('is plain without shortcuts, whatever options come along', () => {
    const options = { shortcut: 'B', classes: 3 } as const;
    const network = cifarPlain(8, options as object);
    expect(layersOf(network).some(({ kind }) => kind === 'addition')).toBe(false);
    network.dispose();
  });

  it('keeps its tensors in the order of its layers', async () => {
    const network = create('resnet20');
    const names = [...(await network.stateDict()).keys()];
    expect(names.slice(0, 2)).toEqual(['conv1.weight', 'bn1.weight']);
    expect(names.slice(-2)).toEqual(['fc.weight', 'fc.bias']);
    network.dispose();
  });
});

describe('register', () => {
  const build = (name: string) => (options: NetworkOptions) =>
    new Small({ conv: conv(3) }, { name, classes: options.classes ?? 3 });

  it('gives a network a name, by which files know it', async () => {
    register('of-others', build('of-others'), {
      recognize: (tensors: StateDict) =>
        tensors.size === 3 && tensors.has('conv.weight')
          ? { classes: tensors.get('fc.bias')!.shape[0]! }
          : undefined,
    });
    expect(networkNames).toContain('of-others');
    const network = create('of-others', { classes: 5 });
    const packed = await packModel({ network });
    const described = openModel({ format: 'safetensors', ...packed });
    expect(described.network.architecture).toEqual({ name: 'of-others', classes: 5, inChannels: 3 });
    const bare = openModel({ format: 'safetensors', tensors: packed.tensors, metadata: {} });
    expect(bare.network.architecture).toEqual(described.network.architecture);
    for (const each of [network, described.network, bare.network]) each.dispose();
  });

  it('tells networks with the same tensors apart by the name that the user gives, whatever numbers are in it', async () => {
    const recognize = (tensors: StateDict) => (tensors.has('twin.weight') ? { classes: 3 } : undefined);
    for (const name of ['twin-2024', 'twin-2025']) {
      const body = () => ({ twin: conv(3) });
      register(name, ({ classes = 3 }) => new Small(body(), { name, classes }), { recognize });
    }
    const network = create('twin-2024');
    const { tensors } = await packModel({ network });
    const bare = { format: 'safetensors', tensors, metadata: {} } as const;
    expect(() => openModel(bare)).toThrow('may be of twin-2024 and twin-2025');
    const opened = openModel(bare, { name: 'twin-2025' });
    expect(opened.network.architecture.name).toBe('twin-2025');
    for (const each of [network, opened.network]) each.dispose();
  });

  it('refuses names that are taken or none, and a network that calls itself otherwise', () => {
    for (const name of ['resnet20', 'resnet14-cifar', '', 'a b', '../a', 'x'.repeat(65)]) {
      expect(() => register(name, build(name)), name).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    }
    register('misnamed', build('otherwise'));
    expect(() => create('misnamed')).toThrow("calls itself 'otherwise'");
    expect(() => create('misnamed', { shortcut: 'A' })).toThrow("has no option 'shortcut'");
  });
});
