import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_CLASSES } from '@resnet/data';
import { parseEvaluationFile } from '@resnet/eval';
import { temporaryFolder } from '@resnet/testing';
import { create, type Network, toTensor } from '@resnet/zoo';
import { saveModel } from '@resnet/zoo/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet } from '../../test-support.js';
import { classMapOf, describeClassMap } from './class-map.js';

const set = (...classes: string[]) => ({ name: 'photos/val', classes });
const numberOf = (id: string) => IMAGENET_CLASSES.findIndex((each) => each.id === id);

/** Bytes of an image. */
const SIZE = 32 * 32 * 3;

/** All that is asked of a model. */
const model = (classes: number, side: number, classNames?: readonly string[]) => ({
  network: {
    architecture: { classes, inChannels: 3 },
    inputShape: [side, side, 3],
    designSize: side,
  } as unknown as Network,
  ...(classNames ? { classNames } : {}),
});

describe('classMapOf', () => {
  it('finds classes of ImageNet by their ids and by their names', () => {
    const ids = IMAGENET_CLASSES.map(({ id }) => id);
    const firstNames = IMAGENET_CLASSES.map(({ names }) => names[0]!);
    const sharks = set('tench', 'goldfish', 'great_white_shark', 'n15075141');
    for (const names of [undefined, ids, firstNames]) {
      const { numbers, absent } = classMapOf(sharks, model(1000, 224, names));
      expect(numbers).toEqual([0, 1, 2, 999]);
      expect(absent).toHaveLength(996);
    }
    expect(classMapOf(set(...ids), model(1000, 224)).numbers).toEqual([...ids.keys()]);
    const joined = IMAGENET_CLASSES[3]!.names.join(', ');
    expect(classMapOf(set(joined), model(1000, 224, ids)).numbers).toEqual([3]);
    // Two classes have this name.
    expect(() => classMapOf(set('crane'), model(1000, 224))).toThrow("'crane'");
    const few = model(2, 224, ['n02012849', 'n01440764']);
    expect(classMapOf(set('tench'), few).numbers).toEqual([1]);
    expect(numberOf('n02012849')).toBe(134);
  });

  it('takes numbers for names, and never places', () => {
    const folders = ['0', '1', '10', '11', '2', '3', '4', '5', '6', '7', '8', '9'];
    const { numbers } = classMapOf(set(...folders), model(12, 96));
    expect(numbers).toEqual([0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9]);
    // As a set of ten other classes.
    expect(classMapOf(set('1', '07'), model(10, 32)).numbers).toEqual([1, 7]);
    for (const names of [
      ['1', '12'],
      ['1', '01'],
      ['one', '2'],
      ['-1', '0'],
    ]) {
      expect(() => classMapOf(set(...names), model(12, 96))).toThrow('--class-names');
    }
    const named = model(2, 96, ['ant', 'bee']);
    expect(() => classMapOf(set('0', '1'), named)).toThrow('2 of 2 that are none');
  });

  it('tells what it has guessed, mapped and left out, and nothing where names are the same', () => {
    const known = model(3, 96, ['ant', 'bee', 'cat']);
    expect(describeClassMap(classMapOf(set('ant', 'bee', 'cat'), known))).toBeUndefined();
    expect(describeClassMap(classMapOf(set('Cat', 'bee'), known))).toBe(
      "2 of the network's 3, by the weights' names; 1 mapped: Cat to cat; 1 not in the data: ant",
    );
    expect(describeClassMap(classMapOf(set('cat', 'ship'), model(10, 32)))).toMatch(
      /^2 of the network's 10, by CIFAR-10's names, as those of a network of 10 classes and images of 32 × 32 × 3; .* none; 8 not in the data: airplane, automobile, bird, …$/,
    );
  });
});

describe('resnet eval by names', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const normalization = ['--mean', '0.5,0.5,0.5', '--std', '0.1,0.1,0.1'];
  const classNames = Array.from({ length: 12 }, (_, index) => `class ${'lkjihgfedcba'[index]}`);
  /** Numbers of the network's answers to random images, which are right by definition. */
  let answers: { path: string; index: number }[];

  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
    const random = new Random(4);
    const images = Uint8Array.from({ length: 40 * SIZE }, (_, at) => {
      const place = Math.floor(at / SIZE);
      // One bright channel, so that the answers vary.
      return (at % 3 === place % 3 ? 200 : 0) + random.int(56);
    });
    const backend = await useBackend('wasm', { threads: 1 });
    const network = create('resnet20', { classes: 12, seed: 3 });
    const scale = { mean: Float32Array.of(0.5, 0.5, 0.5), std: Float32Array.of(0.1, 0.1, 0.1) };
    const input = toTensor({ images, count: 40, height: 32, width: 32, channels: 3 }, scale);
    const answered = async () => {
      const logits = await network.infer(input);
      const rows = (await logits.array()) as number[][];
      logits.dispose();
      return rows;
    };
    // Without the mean of its answers an untrained network always gives the same one.
    const first = await answered();
    const state = await network.stateDict();
    const bias = state.get('fc.bias')!;
    const mean = bias.data.map((_, index) => first.reduce((sum, row) => sum + row[index]! / 40, 0));
    network.loadStateDict(new Map([...state, ['fc.bias', { ...bias, data: mean.map((value) => -value) }]]));
    answers = [];
    for (const [place, row] of (await answered()).entries()) {
      const path = join(folder, `${place}.png`);
      const pixels = images.subarray(place * SIZE, (place + 1) * SIZE);
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } }).toFile(path);
      answers.push({ path, index: row.indexOf(Math.max(...row)) });
    }
    await saveModel(join(folder, 'bare.safetensors'), { network });
    await saveModel(join(folder, 'named.safetensors'), { network, classNames });
    await saveModel(join(folder, 'other.safetensors'), { network, classNames: [...classNames].reverse() });
    input.dispose();
    network.dispose();
    await backend.dispose();
  });
  afterAll(() => remove());

  /** The images in folders of their answers' classes. */
  async function written(name: string, classOf: (index: number) => string): Promise<string> {
    for (const [place, { path, index }] of answers.entries()) {
      const to = join(folder, name, 'val', classOf(index));
      await mkdir(to, { recursive: true });
      await sharp(path).toFile(join(to, `${place}.png`));
    }
    return join(folder, name);
  }

  const evaluate = async (weights: string[], data: string, ...options: string[]) =>
    runResnet(
      ...[
        'eval',
        '--weights',
        ...weights.map((name) => join(folder, `${name}.safetensors`)),
        ...normalization,
      ],
      ...['--dataset', 'folder', '--data', data, '--view', 'whole', '--threads', '1', '--json', ...options],
    );

  it('counts no error where the names say that there is none', async () => {
    const indices = new Set(answers.map(({ index }) => index));
    expect(indices.size).toBeGreaterThan(1);
    const numbered = await written('numbered', String);
    const named = await written('named', (index) => classNames[index]!.toUpperCase());
    const names = join(folder, 'names.txt');
    await writeFile(names, classNames.join('\r\n'));
    for (const [weights, data, ...options] of [
      ['bare', numbered],
      ['named', named],
      ['bare', named, '--class-names', names],
    ] as const) {
      const { code, stdout } = await evaluate([weights], data, ...options);
      expect(code).toBe(0);
      const { top1Errors, count, classes } = JSON.parse(stdout);
      expect({ top1Errors, count }).toEqual({ top1Errors: 0, count: 40 });
      expect(classes).toMatchObject({ count: indices.size, ofNetwork: 12 });
      expect(classes.absent).toHaveLength(12 - indices.size);
      expect(classes.mapped).toHaveLength(data === named ? indices.size : 0);
    }
    // Folders in the order of text, with one for each class: what the numbers are called must not move.
    for (let index = 0; index < 12; index++) {
      const folderOf = join(numbered, 'val', String(index));
      await mkdir(folderOf, { recursive: true });
      await sharp(answers[0]!.path).toFile(join(folderOf, 'more.png'));
    }
    const out = join(folder, 'numbered.json');
    expect((await evaluate(['bare'], numbered, '--out', out)).code).toBe(0);
    const file = parseEvaluationFile(await readFile(out, 'utf8'), out);
    expect(file.classNames).toEqual(Array.from({ length: 12 }, (_, index) => String(index)));
  });

  it('takes real labels by the order of files only where there is one for each', async () => {
    const numbered = await written('real', String);
    const labels = join(folder, 'real.json');
    const reading = (count: number, ...options: string[]) => {
      const lists = Array.from({ length: count }, () => [...Array(12).keys()]);
      return writeFile(labels, JSON.stringify(lists)).then(() =>
        evaluate(['bare'], numbered, '--real-labels', labels, ...options),
      );
    };
    const { stdout } = await reading(40, '--limit', '5');
    expect(JSON.parse(stdout)).toMatchObject({
      realLabels: { count: 5, top1Errors: 0 },
      realLabelsBy: expect.stringContaining('by the order of the images'),
    });
    for (const count of [39, 41]) {
      const { stderr } = await reading(count);
      expect(stderr).toContain(`it has ${count} lists, and ${join(numbered, 'val')} has 40 images`);
    }
  });

  it('refuses what no name tells', async () => {
    const named = await written('named', (index) => classNames[index]!.toUpperCase());
    const bare = await evaluate(['bare'], named);
    expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('Give --class-names') });
    const both = await evaluate(['named', 'other'], named);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('in one order') });
    const extra = join(named, 'val', 'zebra');
    await mkdir(extra);
    await sharp(answers[0]!.path).toFile(join(extra, '1.png'));
    const one = await evaluate(['named'], named);
    expect(one.code).toBe(1);
    expect(one.stderr).toContain('that are none: ');
    expect(one.stderr).toContain("'zebra'");
  });
});
