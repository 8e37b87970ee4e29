import { useBackend } from '@resnet/backend';
import type { Conv2d } from '@resnet/blocks';
import type { Image, Normalization } from '@resnet/data';
import { layerResponses } from '@resnet/eval';
import { coded, madeSet } from '@resnet/testing';
import {
  create,
  layersOf,
  type NetworkOptions,
  packModel,
  runLayers,
  toTensor,
  writeSafetensors,
} from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { layoutOf } from '../../../../examples/browser/src/views/inside/layout.js';
import { labelOf, titleOf } from '../../../../examples/browser/src/views/inside/words.js';
import { describeLayers } from '../../../../examples/browser/src/worker/handlers/describe-layers.js';
import { loadWeights } from '../../../../examples/browser/src/worker/handlers/load-weights.js';
import { measureLayers } from '../../../../examples/browser/src/worker/handlers/measure-layers.js';
import { setNormalization } from '../../../../examples/browser/src/worker/handlers/normalization.js';
import { showLayer } from '../../../../examples/browser/src/worker/handlers/show-layer.js';
import { layerReports } from '../../../../examples/browser/src/worker/inside/layer-report.js';
import { closeNetwork, currentNetwork } from '../../../../examples/browser/src/worker/session.js';
import { transferOf } from '../../../../examples/browser/src/worker/transfer.js';

const context = () => ({ report: () => {}, signal: new AbortController().signal });

/** Opens a network of random weights and gives an image for it. */
async function open(name: string, options: NetworkOptions = {}): Promise<Image> {
  const network = create(name, options);
  const { tensors, metadata } = await packModel({ network });
  const bytes = writeSafetensors(tensors, metadata).slice().buffer;
  const [height, width, channels] = network.inputShape;
  network.dispose();
  await loadWeights({ name: 'a.safetensors', bytes });
  await setNormalization({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.25) });
  const { images: pixels } = madeSet({ count: 1, height, width, channels, classes: ['a'] });
  return { pixels, height, width, channels };
}

/** What every layer gives, by name. */
async function outputsOf(image: Image, normalization: Normalization): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  const { pixels: images, height, width, channels } = image;
  const input = toTensor({ images, count: 1, height, width, channels }, normalization);
  const logits = await runLayers(currentNetwork().model.network, input, async ({ name }, output) => {
    found.set(name, Array.from(await output.data()));
  });
  tf.dispose([input, logits]);
  return found;
}

describe('how the example draws a network', () => {
  beforeAll(async () => {
    await useBackend('wasm');
  });

  const cases: [name: string, options: NetworkOptions][] = [
    ...['resnet20', 'resnet110', 'resnet18', 'resnet50', 'resnet152', 'plain20', 'plain34'],
    ...['highway19', 'highway32', 'vgg16'],
  ].map((name) => [name, {}]);
  cases.push(['resnet20', { shortcut: 'B' }], ['resnet20', { shortcut: 'C' }]);

  it.for(cases)(
    '%s %j: every layer in a separate box, every shortcut around its block',
    ([name, options]) => {
      const network = create(name, { ...options, initialize: false });
      try {
        const layers = layersOf(network);
        const reports = layerReports(network);
        expect(reports.map((layer) => layer.name)).toEqual(layers.map((layer) => layer.name));
        const { width, height, columns, boxes, wires, shortcuts } = layoutOf(reports);

        expect(boxes).toHaveLength(layers.length);
        expect(columns.flatMap((column) => column.layers)).toEqual(layers.map((_, number) => number));
        for (const column of columns) {
          expect(column.x + column.width).toBeLessThan(width);
          expect(column.y + column.height).toBeLessThan(height);
          for (const [index, number] of column.layers.entries()) {
            const box = boxes[number]!;
            expect(box.x).toBeGreaterThan(column.x);
            expect(box.x + box.width).toBeLessThan(column.x + column.width);
            expect(box.y).toBeGreaterThan(column.y);
            expect(box.y + box.height).toBeLessThan(column.y + column.height);
            for (const other of column.layers.slice(index + 1)) {
              const { x, y } = boxes[other]!;
              expect(x !== box.x || Math.abs(y - box.y) > box.height).toBe(true);
            }
          }
        }
        for (const [index, { x }] of columns.entries()) {
          if (index > 0) expect(x).toBeGreaterThan(columns[index - 1]!.x + columns[index - 1]!.width);
        }

        const count = (kind: string) => layers.filter((layer) => layer.kind === kind).length;
        const drawn = (kind: string) => shortcuts.filter((shortcut) => shortcut.kind === kind).length;
        const projections = layers.filter((layer) => layer.name.endsWith('.downsample.0')).length;
        expect(drawn('A')).toBe(count('shortcut A'));
        expect(drawn('projection')).toBe(projections);
        expect(drawn('identity')).toBe(count('addition') - count('shortcut A') - projections);
        expect(drawn('carry')).toBe(count('gating'));
        // One line for each input of a layer that no shortcut is drawn for, and one between columns.
        const inputs = layers.reduce((sum, layer) => sum + layer.inputs.length, 0);
        const ofSides = 2 * projections + count('shortcut A');
        expect(wires).toHaveLength(inputs - shortcuts.length - ofSides + columns.length - 1);
        if (name.startsWith('resnet')) {
          expect(columns.filter((column) => column.isBlock)).toHaveLength(count('addition'));
        }
        for (const report of reports) expect(labelOf(report).length, report.name).toBeLessThanOrEqual(23);
      } finally {
        network.dispose();
      }
    },
  );

  it('says what a layer is', () => {
    const network = create('resnet20', { initialize: false });
    const layer = layerReports(network).find(({ name }) => name === 'layer2.0.conv1')!;
    network.dispose();
    expect(titleOf(layer)).toBe('layer2.0.conv1, convolution 3×3, 16 × 16 × 32');
    expect(labelOf(layer)).toBe('conv1  3×3, 32, /2');
  });
});

describe('what the example’s worker tells of layers, in Node', () => {
  beforeAll(async () => {
    await useBackend('wasm');
  });
  afterEach(closeNetwork);

  it('tells what each layer of ResNet-20 gives, and leaves no tensors behind', async () => {
    const seen = await open('resnet20');
    const { model, normalization } = currentNetwork();
    const outputs = await outputsOf(seen, normalization!);
    const layers = await describeLayers({});
    const before = tf.memory().numTensors;
    for (const { name, outputShape } of layers.filter((_, index) => index % 3 === 0 || index > 65)) {
      const shown = await showLayer({ seen, name, first: 0, count: 64 }, context());
      const values = outputs.get(name)!;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const { statistics, maps } = shown;
      expect(statistics.mean).toBeCloseTo(mean, 5);
      expect(statistics.std).toBeCloseTo(Math.sqrt(variance), 5);
      expect(statistics.smallest).toBe(Math.min(...values));
      expect(statistics.largest).toBe(Math.max(...values));
      expect(statistics.zeroShare).toBe(values.filter((value) => value === 0).length / values.length);
      if (outputShape.length === 1) {
        expect([...shown.values!]).toEqual(values);
        expect(maps).toBeUndefined();
        continue;
      }
      const [height, width, channels] = outputShape as [number, number, number];
      expect(maps).toMatchObject({ height, width });
      expect(maps!.ranges).toHaveLength(channels);
      expect(transferOf(shown)).toContain(maps!.pixels.buffer);
      const channel = channels - 1;
      const ofChannel = values.filter((_, index) => index % channels === channel);
      const [smallest, largest] = [Math.min(...ofChannel), Math.max(...ofChannel)];
      expect(maps!.ranges[channel]).toEqual({ smallest, largest });
      const bytes = height * width * 4;
      const pixels = maps!.pixels.subarray(channel * bytes, (channel + 1) * bytes);
      for (const [index, value] of ofChannel.entries()) {
        const gray = largest > smallest ? ((value - smallest) / (largest - smallest)) * 255 : 0;
        expect(Math.abs(pixels[4 * index]! - gray)).toBeLessThan(0.51);
        expect(pixels[4 * index + 3]).toBe(255);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(model.network.training).toBe(false);
  });

  it('draws the maps and the filters that are asked for', async () => {
    const seen = await open('resnet20');
    const all = await showLayer({ seen, name: 'layer3.0.conv1', first: 0, count: 64 }, context());
    const some = await showLayer({ seen, name: 'layer3.0.conv1', first: 60, count: 10 }, context());
    expect(some.maps!.ranges).toEqual(all.maps!.ranges.slice(60));
    expect(some.maps!.pixels).toEqual(all.maps!.pixels.slice(60 * 8 * 8 * 4));
    expect(all.filters).toBeUndefined();

    const { filters } = await showLayer({ seen, name: 'conv1', first: 0, count: 64 }, context());
    expect(filters).toMatchObject({ height: 3, width: 3 });
    const [conv1] = layersOf(currentNetwork().model.network);
    if (conv1!.kind !== 'convolution') throw new Error('The first layer is a convolution.');
    const values = await (conv1!.layer as Conv2d).filter.array();
    const fifth = values.flat(2).map((ofFilters) => ofFilters[5]!);
    const [smallest, largest] = [Math.min(...fifth), Math.max(...fifth)];
    expect(filters!.ranges[5]).toEqual({ smallest: Math.fround(smallest), largest: Math.fround(largest) });
    const colors = filters!.pixels.subarray(5 * 36, 6 * 36).filter((_, index) => index % 4 !== 3);
    for (const [index, value] of fifth.entries()) {
      expect(Math.abs(colors[index]! - ((value - smallest) / (largest - smallest)) * 255)).toBeLessThan(0.51);
    }
  });

  it.for(['resnet20', 'plain20', 'resnet18'])(
    'measures the responses of %s as @resnet/eval does',
    async (name) => {
      const seen = await open(name);
      const { model, normalization } = currentNetwork();
      const set = {
        ...seen,
        name: 'one',
        images: seen.pixels,
        labels: Uint8Array.of(0),
        count: 1,
        classes: ['a'],
      };
      const expected = await layerResponses(model.network, set, { normalization: normalization! });
      const found = await measureLayers({ seen }, context());
      const of3x3 = expected.filter(({ size }) => size === 3);
      expect(found.map((response) => response.name)).toEqual(of3x3.map((response) => response.name));
      for (const [index, { std }] of of3x3.entries()) expect(found[index]!.std).toBeCloseTo(std, 4);
      for (const { name, deadChannels } of expected.slice(-3)) {
        const shown = await showLayer({ seen, name, first: 0, count: 1 }, context());
        expect(shown.deadChannels).toBe(deadChannels);
        expect(shown.deadIn).toMatch(/\.relu1?$/);
      }
    },
  );

  it('takes networks without normalizations and blocks', async () => {
    const seen = await open('highway19');
    const responses = await measureLayers({ seen }, context());
    // Transforms and gates.
    expect(responses).toHaveLength(3 + 2 * 14);
    for (const { std } of responses) expect(std).toBeGreaterThan(0);
    const carry = await showLayer({ seen, name: 'layer1.1.carry', first: 0, count: 64 }, context());
    expect(carry.maps!.ranges).toHaveLength(32);
  });

  it('says that a layer is none of the network, and stops on request', async () => {
    const seen = await open('resnet20');
    const before = tf.memory().numTensors;
    await expect(showLayer({ seen, name: 'layer3.3.conv1', first: 0, count: 64 }, context())).rejects.toThrow(
      coded('UNKNOWN_NAME', "Unknown layer 'layer3.3.conv1'"),
    );
    const signal = AbortSignal.abort();
    await expect(measureLayers({ seen }, { ...context(), signal })).rejects.toThrow(coded('ABORTED'));
    expect(tf.memory().numTensors).toBe(before);
  });
});
