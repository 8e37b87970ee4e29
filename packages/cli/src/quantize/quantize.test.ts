import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet, saveBareWeights } from '../test-support.js';

let folder: string;
let weights: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  weights = await saveBareWeights(folder);
});
afterAll(() => remove());

/** What quantizes the weights, which don't tell their normalization. */
const quantizing = ['--calibrate', 'digits', '--mean', '0.1', '--std', '0.3', '--threads', '1'];

describe('resnet quantize', () => {
  it('writes a file of some quarter of the size, which eval takes', async () => {
    const to = join(folder, 'int8.safetensors');
    const made = await runResnet('quantize', weights, to, ...quantizing, '--images', '64', '--json');
    expect(made).toMatchObject({ code: 0 });
    const { method, errors, images, bytes } = JSON.parse(made.stdout);
    expect(images).toBe(64);
    expect(Object.keys(errors)).toEqual(['max', 'percentile', 'mse', 'entropy']);
    expect(errors[method]).toBe(Math.min(...(Object.values(errors) as number[])));
    expect(bytes).toBeLessThan(0.35 * (await stat(weights)).size);

    const testing = ['--dataset', 'digits', '--limit', '200', '--threads', '1', '--json'];
    const tested = await runResnet('eval', '--weights', to, ...testing);
    expect(tested).toMatchObject({ code: 0 });
    expect(JSON.parse(tested.stdout)).toMatchObject({ total: 200, networks: [{ weights: to, notes: [] }] });
    const inTurn = await runResnet('eval', '--weights', to, to, '--in-turn', ...testing);
    expect(inTurn).toMatchObject({ code: 0 });
    expect(JSON.parse(inTurn.stdout).top1Errors).toBe(JSON.parse(tested.stdout).top1Errors);
  });

  it('writes ONNX in QDQ form, by the method that is asked for', async () => {
    const to = join(folder, 'int8.onnx');
    const { code, stdout } = await runResnet(
      'quantize',
      weights,
      to,
      ...quantizing,
      '--images',
      '16',
      '--method',
      'max',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ranges +by max; logits differ by max \d/m);
    expect((await stat(to)).size).toBeLessThan(0.4 * (await stat(weights)).size);
  });

  it('says what is wrong', async () => {
    const file = join(folder, 'again.safetensors');
    expect(await runResnet('quantize', weights, file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--calibrate'),
    });
    const unknown = await runResnet('quantize', weights, file, ...quantizing, '--method', 'median');
    expect(unknown.stderr).toContain("error UNKNOWN_NAME: Unknown method 'median'");
    await runResnet('quantize', weights, file, ...quantizing, '--images', '8', '--method', 'max');
    const converted = await runResnet('convert', file, join(folder, 'out.onnx'));
    expect(converted.stderr).toContain('error WEIGHTS_QUANTIZED: ');
    const named = await runResnet('eval', '--weights', file, '--dataset', 'digits', '--model', 'resnet20');
    expect(named.stderr).toContain('error OPTION_INVALID: --model is for weights that');
  });
});
