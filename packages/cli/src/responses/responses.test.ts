import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realCifar10, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.js';
import { realWeights, runResnet, saveBareWeights, TextStream } from '../test-support.js';

let folder: string;
let weights: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  weights = await saveBareWeights(folder);
});
afterAll(() => remove());

const digits = (...options: string[]) =>
  ['responses', '--weights', weights, '--dataset', 'digits', '--limit', '6', '--threads', '1'].concat(
    options,
  );
const normalized = ['--mean', '0.1', '--std', '0.3'];

describe('resnet responses', () => {
  it('prints deviation, mean and dead channels of each layer', async () => {
    const { code, stdout, stderr } = await runResnet(...digits(...normalized));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^data +Digits test, 6 images$/m);
    expect(stdout).toMatch(/^network +plain20: .+ 10 classes$/m);
    expect(stdout).toMatch(/^normalized by +mean 0\.1; standard deviation 0\.3/m);
    expect(stdout).toMatch(/^layer +std +mean +dead channels$/m);
    const rows = stdout.match(/^(conv1|layer\d\.\d\.conv\d) +\d\.\d{4} +-?\d\.\d{4} +\d+ of \d\d$/gm);
    expect(rows).toHaveLength(19);
  });

  it('adds gradients, of the last layer too', async () => {
    const { code, stdout } = await runResnet(...digits(...normalized, '--gradients'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^layer +std +mean +dead channels +gradient +of weight$/m);
    expect(stdout.match(/ \d\.\d\de[+-]\d+ +\d\.\d\de[+-]\d+$/gm)).toHaveLength(20);
    expect(stdout).toMatch(/^fc +\d\.\d\de/m);
  });

  it('draws networks into one picture, and prints JSON', async () => {
    const other = join(folder, 'other.safetensors');
    await cp(weights, other);
    const out = join(folder, 'new', 'responses.svg');
    const argv = digits(...normalized, '--out', out, '--weights', other, '--gradients', '--json');
    const { code, stdout, stderr } = await runResnet(...argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ data: 'Digits test', count: 6, out });
    const labels = ['plain20 (bare.safetensors)', 'plain20 (other.safetensors)'];
    expect(result.networks).toHaveLength(2);
    for (const [index, network] of result.networks.entries()) {
      expect(network).toMatchObject({
        label: labels[index],
        weights: [weights, other][index],
        architecture: { name: 'plain20' },
      });
      expect(network.responses).toHaveLength(19);
      expect(network.gradients).toHaveLength(20);
      expect(network.responses[0]).toEqual({
        ...{ name: 'conv1', size: 3, channels: 16, deadChannels: expect.any(Number) },
        ...{ std: expect.any(Number), mean: expect.any(Number) },
      });
    }
    const svg = await readFile(out, 'utf8');
    for (const text of ['layer index (sorted by magnitude)', ...labels])
      expect(svg).toContain(`>${text}</text>`);

    const png = join(folder, 'responses.png');
    expect((await runResnet(...digits(...normalized, '--out', png))).code).toBe(0);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png' });
  });

  it.each([
    [['--out', 'responses.jpg'], 'must end in .svg or .png'],
    [[], 'Pass --mean a --std a'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await runResnet(...digits(...options));
    expect(code).toBe(2);
    expect(stderr).toContain('error OPTION_INVALID: ');
    expect(stderr).toContain(message);
  });

  it('refuses weights that are given twice, and more networks than colors', async () => {
    const { code, stderr } = await runResnet(...digits('--weights', weights));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is given twice') });
    const many = Array.from({ length: 10 }, (_, index) => `${index}.safetensors`);
    const refused = await runResnet(...digits('--out', 'many.svg', '--weights', ...many));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('10 networks, found 11') });
  });

  it('stops when it is interrupted, and shows bars on a terminal', async () => {
    const io = () => ({
      stdout: new TextStream(),
      stderr: Object.assign(new TextStream(), { isTTY: true }),
    });
    const stopped = io();
    const argv = digits(...normalized, '--gradients', '--json');
    expect(await run(argv, { ...stopped, signal: AbortSignal.abort() })).toBe(130);
    expect(JSON.parse(stopped.stdout.text).error.code).toBe('ABORTED');

    const whole = io();
    expect(await run(argv, whole)).toBe(0);
    expect(whole.stderr.text).toMatch(/\[=+\] 6\/6 images {2}plain20 responses/);
    expect(whole.stderr.text).toMatch(/\[=+\] 6\/6 images {2}plain20 gradients/);
  });
});

const cifar10 = await realCifar10();
const real = realWeights();
const missing = 'missing' in real ? real.missing : 'missing' in cifar10 ? cifar10.missing : undefined;
const reason = missing === undefined ? '' : ` (skipped: ${missing})`;

describe('resnet responses on published weights', () => {
  it.skipIf(missing !== undefined)(`finds responses as in Figure 7${reason}`, async () => {
    const { path } = real as { path: string };
    const { folder: data } = cifar10 as { folder: string };
    const { code, stdout } = await runResnet(
      ...['responses', '--weights', path, '--dataset', 'cifar10', '--data', data, '--limit', '50', '--json'],
    );
    expect(code).toBe(0);
    const { responses } = JSON.parse(stdout).networks[0] as { responses: { std: number }[] };
    expect(responses).toHaveLength(19);
    // The paper's lie between 0 and 4.
    for (const { std } of responses) {
      expect(std).toBeGreaterThan(0.05);
      expect(std).toBeLessThan(4);
    }
  });
});
