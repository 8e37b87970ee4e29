import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { CIFAR10_CLASSES, IMAGENET_NORMALIZATION } from '@resnet/data';
import { readCifar10, readImagenet } from '@resnet/data/node';
import { evaluate, tenCropView } from '@resnet/eval';
import { detectionTables, paperTables } from '@resnet/experiments';
import { madeCifar, realCifar10, temporaryFolder } from '@resnet/testing';
import { create, prepare, summarize } from '@resnet/zoo';
import { loadModel, saveModel } from '@resnet/zoo/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../run.js';
import { realWeights, runResnet, saveBareWeights, TextStream } from '../test-support.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** Random weights of a network, with ImageNet's normalization or none. */
async function saveRandom(
  name: string,
  { seed = 0, isNormalized = true }: { seed?: number; isNormalized?: boolean } = {},
): Promise<string> {
  const path = join(folder, `${name}-${seed}-${isNormalized}.safetensors`);
  const backend = await useBackend('cpu');
  const network = create(name, { seed });
  await saveModel(path, { network, ...(isNormalized ? { normalization: IMAGENET_NORMALIZATION } : {}) });
  network.dispose();
  backend.dispose();
  return path;
}

interface Comparison {
  quantity: string;
  paper?: unknown;
  here?: unknown;
  needs?: string;
  errors?: number;
  images?: number;
  difference?: number;
}

interface Row {
  method: string;
  network?: { name: string; shortcut?: string };
  comparisons: Comparison[];
  tests: { weights: string[]; note?: string; count?: number; top1Errors?: number }[];
}

async function rowsOf(...argv: string[]): Promise<{ rows: Row[]; unused: { weights: string }[] }> {
  const { code, stdout, stderr } = await runResnet('paper', ...argv, '--json');
  // What of others' weights is guessed is said.
  expect({ code, stderr: stderr.replace(/^note: .*\n/, '') }).toEqual({ code: 0, stderr: '' });
  const { tables, unused } = JSON.parse(stdout) as {
    tables: { rows: Row[] }[];
    unused: { weights: string }[];
  };
  return { rows: tables.flatMap(({ rows }) => rows), unused };
}

/** The rows of a network, by its name. */
const ofNetwork = (rows: readonly Row[], name: string) =>
  rows.filter(({ network }) => network?.name === name);

const comparisonOf = (row: Row | undefined, quantity: string) =>
  row?.comparisons.find((comparison) => comparison.quantity === quantity);

describe('resnet paper', () => {
  it('prints all tables without weights, data or a download, in 100 columns', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const { code, stdout, stderr } = await runResnet('paper');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    for (const { number, title, rows } of [...paperTables, ...detectionTables]) {
      expect(stdout).toContain(`Table ${number}. ${title}`);
      for (const { method } of rows) expect(stdout).toContain(`\n${method} `);
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/^50-layer +layers +50 +50 +none$/m);
    expect(stdout).toMatch(/^ +output sizes +112 56 28 14 7 1 +112 56 28 14 7 1 +none$/m);
    expect(stdout).toMatch(/^ +multiply-adds +3\.8 billion +3,857,973,248 +\+1\.5 %$/m);
    expect(stdout).toMatch(/^ResNet-34 C +parameters +22,716,840$/m);
    expect(stdout).toMatch(/^ +parameters +0\.27 M +269,722 +-0\.1 %$/m);
    expect(stdout).toMatch(/^ +mean of runs +6\.61 ± 0\.16 % +needs weights and data$/m);
    expect(stdout).toMatch(/^BN-inception +top-5 error +4\.82 % +–$/m);
    expect(stdout).toMatch(/^VGG \(v5\) +top-5 error +6\.8 % +–$/m);
  });

  it('gives the same as JSON, counted as summaries count', async () => {
    const { rows, unused } = await rowsOf();
    expect(unused).toEqual([]);
    const published = paperTables.flatMap(({ rows }) => rows);
    const ofDetection = detectionTables.flatMap(({ rows }) => rows);
    expect(rows.map(({ method }) => method)).toEqual(
      [...published, ...ofDetection].map(({ method }) => method),
    );
    const backend = await useBackend('cpu');
    for (const [index, { network, ensemble, published: numbers }] of published.entries()) {
      const row = rows[index]!;
      for (const [quantity, paper] of Object.entries(numbers)) {
        const comparison = comparisonOf(row, quantity);
        expect(comparison).toMatchObject({ quantity, paper });
        if (!quantity.endsWith('Error')) continue;
        expect(comparison?.needs).toBe(network || ensemble ? 'weights and data' : undefined);
        expect(comparison).not.toHaveProperty('here');
      }
      if (!network) {
        expect(row.comparisons.some(({ here }) => here !== undefined)).toBe(false);
        continue;
      }
      // Built again only where it is small, as a test of VGG takes long.
      if (!/^(highway|resnet(18|20|34|56))/.test(network.name)) continue;
      const built = create(network.name, { ...network.options, initialize: false });
      const { parameters, multiplyAdds } = summarize(built);
      built.dispose();
      expect(comparisonOf(row, 'parameters')).toMatchObject({ here: parameters });
      expect(comparisonOf(row, 'multiplyAdds')).toMatchObject({ here: multiplyAdds });
    }
    backend.dispose();
    const [shallow] = ofNetwork(rows, 'resnet20');
    expect(comparisonOf(shallow, 'parameters')!.difference).toBe(269_722 - 270_000);
  });

  it('prints the tables asked for, and refuses others', async () => {
    const { stdout } = await runResnet('paper', '--table', '6', '2');
    expect(stdout.match(/^Table \d/gm)).toEqual(['Table 2', 'Table 6']);
    const { code, stderr } = await runResnet('paper', '--table', '15');
    expect(code).toBe(2);
    expect(stderr).toContain(
      "error UNKNOWN_NAME: Unknown table '15'. Did you mean '1'? Known: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14.",
    );
  });

  it('prints the tables of detection, as text and as JSON', async () => {
    const { stdout } = await runResnet('paper', '--table', '8', '14');
    expect(stdout).toMatch(/^Table 8\. Detection on COCO/);
    expect(stdout).toMatch(/^ResNet-101 +mAP@\.5 +48\.4 % +needs weights and data$/m);
    expect(stdout).toMatch(/^ {2}ResNet-101: detect train resnet101-c4 --recipe coco-paper$/m);
    expect(stdout).toMatch(/^GoogLeNet, ILSVRC 14 +test top-5 error +26\.7 % +–$/m);
    const json = JSON.parse((await runResnet('paper', '--table', '8', '--json')).stdout);
    expect(json.tables[0].rows[1]).toEqual({
      method: 'ResNet-101',
      comparisons: [
        { quantity: 'mAP@.5', paper: 48.4, needs: 'weights and data' },
        { quantity: 'mAP@[.5, .95]', paper: 27.2, needs: 'weights and data' },
      ],
      command: 'detect train resnet101-c4 --recipe coco-paper',
      tests: [],
    });
  });

  it('finds the classes of CIFAR-10 by the names in the weights', async () => {
    const data = join(folder, 'cifar-names');
    await mkdir(data);
    const labels = [3, 1, 4, 1, 5];
    await writeFile(join(data, 'test_batch.bin'), madeCifar(labels));
    const backend = await useBackend('wasm', { threads: 1 });
    const network = create('resnet20', { seed: 1 });
    const set = await readCifar10(data, 'test');
    const { confusions } = await evaluate(network, set, { normalization: IMAGENET_NORMALIZATION });
    // The class that it tells most often is called as that of two of the images.
    const told = confusions.map(([, predicted]) => predicted).sort((a, b) => a - b)[2]!;
    const names = [...CIFAR10_CLASSES];
    [names[told], names[1]] = [names[1]!, names[told]!];
    const path = join(folder, 'renamed.safetensors');
    await saveModel(path, { network, normalization: IMAGENET_NORMALIZATION, classNames: names });
    const classMap = CIFAR10_CLASSES.map((name) => names.indexOf(name));
    const options = { normalization: IMAGENET_NORMALIZATION, classMap };
    const { top1Errors } = await evaluate(network, set, options);
    network.dispose();
    backend.dispose();
    const { rows } = await rowsOf('--table', '6', '--weights', path, '--cifar10', data, '--threads', '1');
    expect(ofNetwork(rows, 'resnet20')[0]!.tests).toMatchObject([{ count: 5, top1Errors }]);
    const byPlace = labels.filter((label) => label !== told).length;
    expect(top1Errors).not.toBe(byPlace);
  });

  it('tests weights on CIFAR-10, several of a row as several runs', async () => {
    const data = join(folder, 'cifar');
    await mkdir(data);
    await writeFile(join(data, 'test_batch.bin'), madeCifar([3, 1, 4, 1, 5, 9]));
    const paths = [await saveRandom('resnet20', { seed: 1 }), await saveRandom('resnet110', { seed: 2 })];
    paths.push(await saveRandom('resnet110', { seed: 3 }), await saveBareWeights(folder));

    const untested = await rowsOf('--table', '6', '--weights', ...paths);
    expect(comparisonOf(ofNetwork(untested.rows, 'resnet20')[0], 'top1Error')!.needs).toBe('data');

    const argv = ['--table', '6', '--weights', ...paths, '--cifar10', data, '--limit', '5', '--threads', '1'];
    const { rows, unused } = await rowsOf(...argv);
    expect(unused).toMatchObject([{ weights: paths[3], architecture: { name: 'plain20' } }]);
    const backend = await useBackend('wasm', { threads: 1 });
    const set = await readCifar10(data, 'test', { limit: 5 });
    const errors: number[] = [];
    for (const path of paths.slice(0, 3)) {
      const { network } = await loadModel(path);
      errors.push((await evaluate(network, set, { normalization: IMAGENET_NORMALIZATION })).top1Errors);
      network.dispose();
    }
    backend.dispose();
    expect(comparisonOf(ofNetwork(rows, 'resnet20')[0], 'top1Error')).toEqual({
      quantity: 'top1Error',
      paper: 8.75,
      here: 20 * errors[0]!,
      errors: errors[0],
      images: 5,
      difference: 20 * errors[0]! - 8.75,
    });
    const [deep] = ofNetwork(rows, 'resnet110');
    const [, first, second] = errors as [number, number, number];
    expect(deep!.tests).toMatchObject([
      { weights: [paths[1]], count: 5, top1Errors: first },
      { weights: [paths[2]], count: 5, top1Errors: second },
    ]);
    expect(comparisonOf(deep, 'top1Error')).toMatchObject({ errors: Math.min(first, second) });
    const { mean, deviation } = comparisonOf(deep, 'meanTop1Error')!.here as {
      mean: number;
      deviation: number;
    };
    expect(mean).toBeCloseTo(10 * (first + second), 9);
    expect(deviation).toBeCloseTo((20 * Math.abs(first - second)) / Math.SQRT2, 9);
    expect(comparisonOf(ofNetwork(rows, 'resnet56')[0], 'top1Error')!.needs).toBe('weights');

    const { stdout } = await runResnet('paper', ...argv);
    expect(stdout).toMatch(/^Table 6\. .+; here the first 5 images$/m);
    expect(stdout).toMatch(/^ +top-1 error +8\.75 % +\d+\.00 % \(\d of 5\) +\+\d\d\.\d\d points$/m);
    expect(stdout).toContain(`  ResNet, 20 layers: ${paths[0]}; top-1 error `);
    expect(stdout).toContain(`${paths[3]} belongs to no row with errors above: plain20, 10 classes.`);
  });

  it('tests weights on ImageNet by ten crops', async () => {
    const images = join(folder, 'imagenet', 'val', 'n01440764');
    await mkdir(images, { recursive: true });
    const colors = { red: '#cc3311', blue: '#3366cc' };
    for (const [name, background] of Object.entries(colors)) {
      const image = sharp({ create: { width: 300, height: 260, channels: 3, background } });
      await image.jpeg().toFile(join(images, `${name}.jpeg`));
    }
    const path = await saveRandom('resnet18');
    const data = join(folder, 'imagenet');
    const argv = ['--table', '2', '--weights', path, '--imagenet', data, '--limit', '1', '--threads', '1'];
    const { rows } = await rowsOf(...argv);
    const [row] = ofNetwork(rows, 'resnet18');
    const backend = await useBackend('wasm', { threads: 1 });
    const { network } = await loadModel(path);
    const classifier = await prepare(network);
    const set = await readImagenet(data, 'val');
    const first = { ...set, count: 1, labels: set.labels.subarray(0, 1) };
    const options = { normalization: IMAGENET_NORMALIZATION, view: tenCropView() };
    const { top1Errors } = await evaluate(classifier, first, options);
    classifier.dispose();
    network.dispose();
    backend.dispose();
    expect(row!.tests).toMatchObject([
      { weights: [path], data: 'ImageNet val', view: options.view.name, count: 1, top1Errors },
    ]);
    expect(comparisonOf(row, 'top1Error')).toMatchObject({ errors: top1Errors, images: 1 });
    expect(comparisonOf(ofNetwork(rows, 'plain34')[0], 'top1Error')!.needs).toBe('weights');
  });

  it('asks for the normalization before it tests anything', async () => {
    const data = join(folder, 'few');
    await mkdir(data);
    await writeFile(join(data, 'test_batch.bin'), madeCifar([3]));
    const paths = [
      await saveRandom('resnet20', { seed: 1 }),
      await saveRandom('resnet20', { isNormalized: false }),
    ];
    const stderr = Object.assign(new TextStream(), { isTTY: true });
    const argv = ['paper', '--table', '6', '--weights', ...paths, '--cifar10', data];
    expect(await run(argv, { stdout: new TextStream(), stderr })).toBe(2);
    expect(stderr.text).toContain(`error OPTION_INVALID: ${paths[1]}: The weights don't tell how images are`);
    expect(stderr.text).toContain('resnet convert ');
    expect(stderr.text).not.toContain('images  error');
  });

  it('shows a bar on a terminal, and stops when it is interrupted', async () => {
    const data = join(folder, 'bar');
    await mkdir(data);
    await writeFile(join(data, 'test_batch.bin'), madeCifar([3, 7]));
    const path = await saveRandom('resnet20', { seed: 1 });
    const argv = ['paper', '--table', '6', '--weights', path, '--cifar10', data, '--json'];
    const stderr = Object.assign(new TextStream(), { isTTY: true });
    expect(await run(argv, { stdout: new TextStream(), stderr })).toBe(0);
    expect(stderr.text).toMatch(/\[=+\] 2\/2 images {2}error .+ Table 6, resnet20/);
    const io = { stdout: new TextStream(), stderr: new TextStream() };
    expect(await run(argv, { ...io, signal: AbortSignal.abort() })).toBe(130);
    expect(JSON.parse(io.stdout.text).error.code).toBe('ABORTED');
  });

  it('explains itself', async () => {
    const { code, stdout } = await runResnet('paper', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: resnet paper');
    expect(stdout.match(/^ {2}\$ resnet paper/gm)).toHaveLength(3);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it('refuses data that are not there, before anything is computed', async () => {
    const { code, stderr } = await runResnet('paper', '--imagenet', join(folder, 'nowhere'));
    expect(code).toBe(1);
    expect(stderr).toContain('error DATA_MISSING: ');
  });
});

const cifar10 = await realCifar10();
const real = realWeights();
const missing = 'missing' in real ? real.missing : 'missing' in cifar10 ? cifar10.missing : undefined;
const reason = missing === undefined ? '' : ` (skipped: ${missing})`;

describe('resnet paper on published weights', () => {
  it.skipIf(missing !== undefined)(`finds the row of ResNet-20 and counts its errors${reason}`, async () => {
    const { path } = real as { path: string };
    const { folder: data } = cifar10 as { folder: string };
    const { rows, unused } = await rowsOf('--weights', path, '--cifar10', data, '--limit', '200');
    expect(unused).toEqual([]);
    const [row] = ofNetwork(rows, 'resnet20');
    const { here, errors, images, difference } = comparisonOf(row, 'top1Error')!;
    expect(images).toBe(200);
    expect(here).toBe(errors! / 2);
    expect(difference).toBeCloseTo(errors! / 2 - 8.75, 6);
    // On all 10,000 images it is 8.27 %.
    expect(here).toBeGreaterThan(2);
    expect(here).toBeLessThan(15);
    const others = rows.filter((other) => other !== row);
    expect(others.every(({ tests }) => tests.length === 0)).toBe(true);
  });
});
