import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { temporaryFolder } from '@resnet/testing';
import { create } from '@resnet/zoo';
import { saveModel } from '@resnet/zoo/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet } from '../test-support.js';

let folder: string;
let weights: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  weights = join(folder, 'small.safetensors');
  const backend = await useBackend('cpu');
  const network = create('resnet8-cifar', { inChannels: 1 });
  await saveModel(weights, { network });
  network.dispose();
  backend.dispose();
});
afterAll(() => remove());

const train = (name: string, iterations: number, ...options: string[]) =>
  runResnet(
    ...[
      'train',
      'resnet8-cifar',
      '--dataset',
      'digits',
      '--batch-size',
      '32',
      '--threads',
      '1',
      '--backend',
      'wasm',
    ],
    ...['--out', folder, '--name', name, '--iterations', String(iterations)],
    ...['--milestones', '1'],
    ...options,
  );

describe('resnet train --quantize-aware', () => {
  it('trains with rounding, writes the quantized network, and resumes to the same bytes', async () => {
    const aware = ['--weights', weights, '--quantize-aware'];
    const whole = await train('whole', 3, ...aware);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toMatch(/^ +trained for 8 bits, with ranges by \w+ of 256 training images$/m);
    const file = join(folder, 'whole', 'int8.safetensors');
    expect(whole.stdout).toContain(file);

    const testing = ['--dataset', 'digits', '--threads', '1', '--json'];
    const tested = await runResnet('eval', '--weights', file, ...testing);
    expect(tested).toMatchObject({ code: 0 });
    // Training tested what rounds the same in float32.
    const [, errors] = /^test error .*\((\d+) of 1,000 wrong\)$/m.exec(whole.stdout)!;
    expect(Math.abs(JSON.parse(tested.stdout).top1Errors - Number(errors))).toBeLessThan(20);

    await train('parts', 2, ...aware);
    const without = await train('parts', 3, '--weights', weights, '--resume');
    expect(without).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error CHECKPOINT_MISMATCH: '),
    });
    const resumed = await train('parts', 3, ...aware, '--resume', '--json');
    expect(resumed).toMatchObject({ code: 0 });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ iterations: 3, calibration: { images: 256 } });
    expect(await readFile(join(folder, 'parts', 'int8.safetensors'))).toEqual(await readFile(file));
  });

  it('needs trained weights', async () => {
    const { code, stderr } = await train('none', 1, '--quantize-aware');
    expect(code).toBe(2);
    expect(stderr).toContain('error OPTION_INVALID: --quantize-aware fine-tunes a trained network');
  });
});
