import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { temporaryFolder } from '@resnet/testing';
import { loadModel, readWeightsFile } from '@resnet/zoo/node';
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

describe('resnet convert', () => {
  it('writes safetensors with the normalization that it is given', async () => {
    const to = join(folder, 'with.safetensors');
    const { code, stdout, stderr } = await runResnet('convert', weights, to, '--mean', '0.1', '--std', '0.3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^network +plain20: .+ no shortcuts/m);
    const backend = await useBackend('cpu');
    const { network, normalization } = await loadModel(to);
    expect(network.architecture.name).toBe('plain20');
    expect(normalization!.std[0]).toBeCloseTo(0.3);
    network.dispose();
    backend.dispose();
  });

  it('writes safetensors of half the size, which differ by float16’s rounding', async () => {
    const to = join(folder, 'half.safetensors');
    expect(await runResnet('convert', weights, to, '--float16')).toMatchObject({ code: 0, stderr: '' });
    const [whole, half] = [await readWeightsFile(weights), await readWeightsFile(to)];
    expect((await stat(to)).size).toBeLessThan(0.55 * (await stat(weights)).size);
    expect([...half.tensors.keys()].sort()).toEqual([...whole.tensors.keys()].sort());
    for (const [name, { data, shape }] of whole.tensors) {
      const found = half.tensors.get(name)!.data;
      const relative = shape.length > 1 ? 2 ** -11 : 0;
      const close = data.every(
        (value, index) => Math.abs(found[index]! - value) <= relative * Math.abs(value) + 1e-7,
      );
      expect(close, name).toBe(true);
    }
    const refused = await runResnet('convert', weights, join(folder, 'half.onnx'), '--float16');
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--float16 is for .safetensors'),
    });
  });

  it('writes ONNX, folded or not', async () => {
    const operatorsOf = async (...options: string[]) => {
      const to = join(folder, 'model.onnx');
      const { code, stdout } = await runResnet('convert', weights, to, '--force', '--json', ...options);
      expect(code).toBe(0);
      const file = await readFile(to);
      expect(JSON.parse(stdout)).toMatchObject({ from: weights, to, bytes: file.length });
      return file.toString('latin1').match(/BatchNormalization/g)?.length ?? 0;
    };
    expect(await operatorsOf()).toBe(0);
    expect(await operatorsOf('--no-fold')).toBe(19);
  });

  it.each([
    ['model.pth', 'UNKNOWN_NAME', "Unknown ending of a file '.pth'"],
    ['model', 'UNKNOWN_NAME', 'Known: .safetensors, .onnx'],
  ])('refuses to write %s', async (name, code, message) => {
    const outcome = await runResnet('convert', weights, join(folder, name));
    expect(outcome.stderr).toContain(`error ${code}: `);
    expect(outcome.stderr).toContain(message);
  });

  it('leaves what was there when it fails', async () => {
    const to = join(folder, 'kept.onnx');
    await writeFile(to, 'kept');
    const { code, stderr } = await runResnet('convert', weights, to, '--model', 'resnet32', '--force');
    expect(code).not.toBe(0);
    expect(stderr).toContain('error WEIGHTS_MISMATCH: ');
    expect(await readFile(to, 'utf8')).toBe('kept');
  });
});
