import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { graphOf } from '@resnet/blocks';
import { cifarResNet, create } from '@resnet/zoo';
import { loadInt8Model } from '@resnet/zoo/node';
import { describe, expect, it } from 'vitest';
import { normalization, rangesFor } from '../test-support.js';
import { failing, folder, run, short, stoppingAfter, useRunFolder } from './testing.js';

useRunFolder();

const newNetwork = () => cifarResNet(8, { classes: 2, inChannels: 1 });

describe('trainRun with fakeQuantization', () => {
  it('writes the quantized network, the same bytes after an interruption', async () => {
    const network = newNetwork();
    const fakeQuantization = await rangesFor(network);
    const result = await run({ network, fakeQuantization });
    const file = join(folder, 'int8.safetensors');
    expect(result.files).toContain(file);
    const { network: quantized, ...model } = await loadInt8Model(file);
    expect(quantized.weights.ranges).toEqual(fakeQuantization);
    expect(model).toMatchObject({ normalization, classNames: ['across', 'down'] });
    quantized.dispose();
    const expected = await readFile(file);
    await rm(folder, { recursive: true });

    expect(await failing({ fakeQuantization, ...stoppingAfter(3) })).toMatchObject({ code: 'ABORTED' });
    const others = new Map([...fakeQuantization].map(([name]) => [name, { scale: 1, zero: 0 }]));
    await run({ fakeQuantization: others, resume: true });
    expect(await readFile(file)).toEqual(expected);
    expect(await failing({ resume: true })).toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  });

  it('writes no such file of a network with layers in float32', async () => {
    const network = create('highway19', { classes: 2, inChannels: 1 });
    const names = graphOf(network, network.inputShape).graph.nodes.map(({ name }) => name);
    const fakeQuantization = new Map(['input', ...names].map((name) => [name, { scale: 0.05, zero: 99 }]));
    const one = { ...short, iterations: 1, batchSize: 2 };
    const { files } = await run({ network, fakeQuantization, recipe: one });
    expect(files).not.toContain(join(folder, 'int8.safetensors'));
  });
});
