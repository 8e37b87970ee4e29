import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.js';
import { runResnet, TextStream } from '../test-support.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const text = (...names: string[]) => readFile(join(folder, ...names), 'utf8');
const json = async (...names: string[]) => JSON.parse(await text(...names));

/** An experiment on digits in a folder of this name, of few steps. */
const words = (kind: string, name: string, iterations: number, ...more: string[]) =>
  `experiment ${kind} --dataset digits --threads 1 --batch-size 8 --iterations ${iterations}`
    .split(' ')
    .concat(['--out', join(folder, name)], more);

describe('resnet experiment degradation', () => {
  const few = (iterations: number, ...more: string[]) =>
    words('degradation', 'degradation', iterations, '--depths', '8,14', ...more);
  const names = ['plain8-cifar', 'plain14-cifar', 'resnet8-cifar', 'resnet14-cifar'];

  it('tells what it will do, trains, compares; and does not train again what is trained', async () => {
    const first = await runResnet(...few(2, '--seed', '5'));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    for (const line of [
      /^experiment +degradation, 4 networks one after the other$/m,
      /^networks +plain8-cifar, seed 5 \(plain8-cifar: [\d,]+ parameters, no shortcuts, /m,
      /^ +resnet14-cifar, seed 5 \(resnet14-cifar: [\d,]+ parameters, shortcuts A, /m,
      /^data +Digits train, 9,000 images; Digits test, 1,000 images$/m,
      /^recipe +digits: 2 iterations of 8 images for each network$/m,
      /^plain14-cifar +training error \d+\.\d\d %, test error \d+\.\d\d %, lowest \d+\.\d\d %, time 0:\d\d$/m,
    ]) {
      expect(first.stdout).toMatch(line);
    }
    expect(first.stdout.match(/^2 of 2 {2}train/gm)).toHaveLength(4);
    const svg = await text('degradation', 'fig6.svg');
    for (const name of ['Plain networks', 'Residual networks', ...names])
      expect(svg).toContain(`>${name}</text>`);
    expect(await json('degradation', 'experiment.json')).toMatchObject({
      experiment: 'degradation',
      runs: names.map((name) => ({ name, architecture: { name, inChannels: 1 }, seed: 5 })),
      data: { name: 'digits', train: { name: 'Digits train', count: 9000 }, test: { count: 1000 } },
      recipe: { name: 'digits', batchSize: 8, iterations: 2 },
      circumstances: { versions: { node: process.version } },
    });
    const table = await text('degradation', 'table.md');
    expect(table.match(/^\| (plain|resnet)\d+-cifar \| 5 \| [\d,]+ \| 2 \| .+ % \| \d+ \|$/gm)).toHaveLength(
      4,
    );

    const weights = join(folder, 'degradation', names[0]!, 'model.safetensors');
    const { mtimeMs } = await stat(weights);
    const again = await runResnet(...few(2, '--seed', '5', '--json'));
    expect(again.code).toBe(0);
    expect(again.stderr.match(/^\S+ is trained\.$/gm)).toHaveLength(4);
    const results = JSON.parse(again.stdout);
    expect(results).toEqual(await json('degradation', 'results.json'));
    expect(results.networks).toMatchObject(names.map((name) => ({ name, seed: 5, iterations: 2 })));
    expect((await stat(weights)).mtimeMs).toBe(mtimeMs);

    const other = await runResnet(...few(3));
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('error CHECKPOINT_MISMATCH: ');
    expect(other.stderr).toContain('  recipe.iterations: 2 there, 3 here\n');
  });

  it('saves when it is interrupted, and goes on with the same command', async () => {
    const argv = words('degradation', 'stopped', 45, '--depths', '8');
    const interruption = new AbortController();
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    stdout.onText = () => {
      if (stdout.text.includes('20 of 45')) interruption.abort();
    };
    expect(await run(argv, { stdout, stderr, signal: interruption.signal })).toBe(130);
    expect(stderr.text).toContain(`Resume with: resnet ${argv.join(' ')}\n`);
    expect(existsSync(join(folder, 'stopped', 'resnet8-cifar'))).toBe(false);
    const { code, stdout: gone } = await runResnet(...argv);
    expect(code).toBe(0);
    // The first network goes on behind the 20 steps that it had, the second begins.
    expect(gone.match(/^(20|40|45) of 45 {2}train/gm)!.map((line) => line.slice(0, 2))).toEqual([
      '40',
      '45',
      '20',
      '40',
      '45',
    ]);
  });
});

describe('resnet experiment construction', () => {
  it('begins with the error of the shallow network, and compares with a network from scratch', async () => {
    const argv = words('construction', 'construction', 20, '--shallow', 'plain8-cifar', '--depth', '14');
    const { code, stdout, stderr } = await runResnet(...argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Where training of it starts, .+: the same error\.$/m);
    const names = ['plain8-cifar', 'plain14-cifar-constructed', 'plain14-cifar-from-scratch'];
    const { start, networks } = await json('construction', 'results.json');
    expect(start.constructed.errors).toBe(start.shallow.errors);
    expect(start.constructed.loss).toBeCloseTo(start.shallow.loss, 4);
    expect(networks.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(networks[1].parameters).toBe(networks[2].parameters);
    const svg = await text('construction', 'construction.svg');
    for (const name of names) expect(svg).toContain(`>${name}</text>`);
    expect(await text('construction', 'table.md')).toContain('Where training of it starts');
  });

  it('refuses a network that is not deeper', async () => {
    const outcome = await runResnet(...words('construction', 'none', 2, '--depth', '20'));
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.stderr).toContain('is not deeper than plain20');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('resnet experiment repeat', () => {
  it('trains with other seeds, and gives best, mean and deviation as Table 6', async () => {
    const argv = words('repeat resnet8-cifar', 'repeat', 3, '--runs', '2');
    const { code, stdout } = await runResnet(...argv);
    expect(code).toBe(0);
    const { networks, testError } = await json('repeat', 'results.json');
    expect(networks.map(({ seed }: { seed: number }) => seed)).toEqual([0, 1]);
    const errors: number[] = networks.map(({ testError }: { testError: number }) => testError);
    expect(errors[0]).not.toBe(errors[1]);
    expect(testError.best).toBe(Math.min(...errors));
    expect(testError.deviation).toBeCloseTo(Math.abs(errors[0]! - errors[1]!) / Math.SQRT2);
    expect(stdout).toContain(`${testError.text}, best (mean±standard deviation) of 2 runs, in %\n`);
    expect(await text('repeat', 'table.md')).toContain(`Test error **${testError.text}**`);
  });
});

describe('wrong usage of resnet experiment', () => {
  it.each([
    ['degradation --out x', "required option '--dataset <name>' not specified"],
    ['degradation --dataset digits', "required option '--out <folder>' not specified"],
    ['degradation --dataset imagenet --out x', 'imagenet'],
    ['degradation --dataset digits --out x --depths 20,20', 'found 20, 20'],
    ['degradation --dataset digits --out x --depths 21', 'found 21'],
    ['repeat resnet20 --dataset digits --out x --runs 1', 'It must be an integer of at least 2.'],
    ['repeat resnte20 --dataset digits --out x', "Did you mean 'resnet20'?"],
    ['degradtion', 'Did you mean degradation?'],
  ])('%s', async (line, message) => {
    const { code, stderr } = await runResnet('experiment', ...line.split(' '));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync('x')).toBe(false);
  });
});
