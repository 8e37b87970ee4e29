import { type Backend, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cifarPlain, cifarResNet, create, formatMermaid, formatSummary, summarize } from '../index.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

describe('CIFAR networks', () => {
  // The exact counts are those of akamaster/pytorch_resnet_cifar10, the rounded ones of the paper's Table 6.
  const networks: [depth: number, exact: number, millions: string][] = [
    [20, 269_722, '0.27'],
    [32, 464_154, '0.46'],
    [44, 658_586, '0.66'],
    [56, 853_018, '0.85'],
    [110, 1_727_962, '1.7'],
    [1202, 19_421_274, '19.4'],
  ];
  it.each(networks)(
    'ResNet-%i has the parameters of Table 6, its plain counterpart as many',
    (depth, exact, millions) => {
      for (const create of [cifarResNet, cifarPlain]) {
        const network = create(depth);
        const summary = summarize(network);
        expect(network.parameterCount()).toBe(exact);
        expect(summary).toMatchObject({ parameters: exact, depth });
        expect((exact / 1e6).toFixed(millions.split('.')[1]!.length)).toBe(millions);
        network.dispose();
      }
    },
  );

  it('ResNet-20 needs 41 million multiply-adds, on maps of 32, 16 and 8', () => {
    const network = cifarResNet(20);
    const { multiplyAdds, layers } = summarize(network);
    // 3·16·9·32² + 6·16²·9·32² + (16·32 + 5·32²)·9·16² + (32·64 + 5·64²)·9·8² + 64·10
    expect(multiplyAdds).toBe(40_551_040);
    const sizes = layers.filter((layer) => layer.kind === 'convolution').map((layer) => layer.outputShape[0]);
    expect(sizes).toEqual([...Array(7).fill(32), ...Array(6).fill(16), ...Array(6).fill(8)]);
    network.dispose();
  });

  it('gives logits of the right shape, for any channels, classes and shortcut, and leaks nothing', () => {
    const before = tf.memory().numTensors;
    for (const shortcut of ['A', 'B', 'C'] as const) {
      const network = create('resnet20', { classes: 7, inChannels: 1, shortcut });
      const x = tf.ones<tf.Rank.R4>([2, 32, 32, 1]);
      for (const training of [true, false]) {
        network.setTraining(training);
        const logits = network.forward(x);
        expect(logits.shape).toEqual([2, 7]);
        logits.dispose();
      }
      expect(network.architecture).toEqual({ name: 'resnet20', classes: 7, inChannels: 1, shortcut });
      x.dispose();
      network.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same network for the same seed', async () => {
    const networks = [1, 1, 2].map((seed) => create('resnet20', { seed }));
    const [first, second, other] = await Promise.all(networks.map((network) => network.stateDict()));
    expect(first).toEqual(second);
    expect(first).not.toEqual(other);
    for (const network of networks) network.dispose();
  });
});

describe('create', () => {
  it('names the nearest network for a name that is none', () => {
    expect(() => create('resnet21')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_NAME',
        message: expect.stringMatching(/Did you mean 'resnet\d+'/),
      }),
    );
  });

  it('refuses options that fit no network', () => {
    const invalid = expect.objectContaining({ code: 'OPTION_INVALID' });
    expect(() => create('resnet20', { classes: 0 })).toThrow(invalid);
    expect(() => create('plain20', { shortcut: 'B' })).toThrow(invalid);
    expect(() => cifarResNet(21)).toThrow(invalid);
    expect(() => create('resnet20', { shortcut: 'D' as 'C' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAME' }),
    );
  });
});

describe('formatSummary', () => {
  it('is a table with totals', () => {
    const network = create('resnet20');
    const text = formatSummary(summarize(network));
    expect(text).toContain('layer2.0.downsample  shortcut A');
    expect(text).toContain('parameters     269,722');
    network.dispose();
  });
});

describe('formatMermaid', () => {
  it('draws every layer once, and the shortcuts around blocks', () => {
    const network = cifarResNet(8);
    const summary = summarize(network);
    const drawing = formatMermaid(summary);
    network.dispose();
    expect(drawing).toMatch(
      /^flowchart TD\n {2}input\(\["input 32 × 32 × 3"\]\)\n {2}n0\["conv1<br>convolution<br>32 × 32 × 16"\]\n {2}input --> n0\n/,
    );
    const places = summary.layers.map(({ name }, place) => [name, place] as const);
    const placeOf = new Map(places);
    const [bn, sum] = ['bn1', 'layer1.0.add'].map((name) => `n${placeOf.get(name)}`);
    // The identity shortcut.
    expect(drawing).toContain(`  ${bn} --> ${sum}\n`);
    const defined = new Set(drawing.match(/^ {2}\w+(?=[[(])/gm)!.map((text) => text.trim()));
    const used = drawing.match(/^ {2}(\w+) --> (\w+)$/gm)!.flatMap((line) => line.trim().split(' --> '));
    expect(used.every((name) => defined.has(name))).toBe(true);
    expect(defined.size).toBe(summary.layers.length + 1);
  });
});
