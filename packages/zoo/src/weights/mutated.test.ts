import type { StateDict } from '@resnet/blocks';
import { Random, ResnetError } from '@resnet/core';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readWeights } from './format.js';
import { normalizeKeys } from './keys.js';
import { recognize } from './recognize.js';
import { writeSafetensors } from './safetensors.js';
import { call, dict, global, int, none, pickle, storage, tensor, text, torchLegacy } from './testing.js';

// Checkpoints as people and accidents make them: whatever they are, there is an answer or an error of ours, and the order
// of names decides nothing.

const COUNT = 10_000;

/** A named tensor of one value, so that files are small, or a thing beside the tensors. */
type Entry = [name: string, value: number | 'beside'];

/** How tensors of a small ResNet are called by those who write checkpoints. */
const writers: ((name: string) => string)[] = [
  (name) => name,
  (name) => `module.${name}`,
  (name) => `_orig_mod.module.${name}`,
  (name) => `model.${name}`,
  (name) => name.replace('fc.', 'linear.').replace('downsample', 'shortcut'),
  (name) => `module.${name.replace('fc.', 'linear.').replace('downsample', 'shortcut')}`,
];

const names = [
  ...['conv1.weight', 'bn1.weight', 'bn1.num_batches_tracked', 'fc.weight', 'fc.bias'],
  ...['layer1.0.conv1.weight', 'layer2.0.conv1.weight', 'layer2.0.downsample.0.weight'],
  'layer3.0.conv1.weight',
];

const pick = <T>(random: Random, items: readonly T[]): T => items[random.int(items.length)]!;

/** Changes to names: the kinds of things that go wrong with them. */
const mutations: ((entries: Entry[], random: Random) => Entry[])[] = [
  (entries) => entries,
  (entries, random) => entries.filter((_, place) => place !== random.int(entries.length)),
  (entries, random) => {
    // Another name for one tensor, which may stand for the same.
    const [name] = pick(random, entries);
    const other = name.replace('shortcut', 'downsample').replace('linear.', '_orig_mod.linear.');
    return [...entries, [other === name ? pick(random, writers)(name) : other, 99]];
  },
  (entries, random) => {
    const one = random.int(entries.length);
    return entries.map(([name, value], place) => [place === one ? pick(random, writers)(name) : name, value]);
  },
  (entries, random) => {
    // Two tensors change their names.
    const [a, b] = [random.int(entries.length), random.int(entries.length)];
    const nameAt = (place: number) => entries[place === a ? b : place === b ? a : place]![0];
    return entries.map(([, value], place) => [nameAt(place), value]);
  },
  (entries) => [...entries, ['n_averaged', 1000]],
  (entries) => [...entries, ['epoch', 'beside'], ['arch', 'beside']],
  (entries, random) => [...entries, [`layer${1 + random.int(5)}.${random.int(3)}.conv1.weight`, 98]],
];

/** Each name once, as in a dict. */
function mutated(random: Random): Entry[] {
  const writer = pick(random, writers);
  let entries = names.map((name, place): Entry => [writer(name), place]);
  for (let count = random.int(4); count > 0; count--) entries = pick(random, mutations)(entries, random);
  const seen = new Set<string>();
  return entries.filter(([name]) => !seen.has(name) && seen.add(name));
}

const beside = [
  ...[none, int(3), text('resnet20'), call(global('torch', 'Size'), [0x5d]), global('torch', 'float16')],
  call(global('collections', 'Counter'), dict({ a: int(1) })),
  [0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x80],
];

const formats = ['zip', 'deflated zip', 'legacy', 'safetensors'] as const;

/** The file that holds entries in their order. @param nested the key that they lie under, if any */
function fileOf(
  entries: readonly Entry[],
  format: (typeof formats)[number],
  nested: string | undefined,
): Uint8Array {
  const values = Float32Array.from(entries, ([, value]) => (value === 'beside' ? 0 : value));
  const tensors = entries.filter(([, value]) => value !== 'beside');
  if (format === 'safetensors') {
    const state: StateDict = new Map(
      tensors.map(([name, value]) => [name, { shape: [1, 1], data: Float32Array.of(value as number) }]),
    );
    return writeSafetensors(state, { format: 'pt' });
  }
  const bytes = new Uint8Array(values.buffer);
  const members = entries.map(([name, value], place): [string, number[]] => [
    name,
    value === 'beside'
      ? beside[name.length % beside.length]!
      : tensor(storage('0', values.length), place, [1, 1], [1, 1]),
  ]);
  const state = dict(Object.fromEntries(members));
  const saved = nested === undefined ? state : dict({ epoch: int(1), [nested]: state });
  if (format === 'legacy') return torchLegacy(saved, [{ key: '0', count: values.length, bytes }]);
  const files = { 'archive/data.pkl': Uint8Array.from(pickle(saved)), 'archive/data/0': bytes };
  return zipSync(files, { level: format === 'zip' ? 0 : 6 });
}

/** What becomes of a file: its tensors by name, with what they are recognized as, or the code of the error. */
function answerTo(bytes: Uint8Array): string {
  try {
    const { tensors, scheme, notes } = normalizeKeys(readWeights(bytes).tensors);
    const values = [...tensors].map(([name, { data, shape }]) => [name, shape.join(), data.join()]).sort();
    return JSON.stringify([values, scheme, [...notes].sort(), recognize(tensors)]);
  } catch (error) {
    if (!ResnetError.is(error)) throw error;
    expect(['WEIGHTS_INVALID', 'WEIGHTS_FORBIDDEN', 'WEIGHTS_MISMATCH']).toContain(error.code);
    expect(error.message.split('\n').length).toBeLessThan(20);
    expect(error.message.length).toBeLessThan(1500);
    return error.code;
  }
}

describe('mutated checkpoints', () => {
  it(`gives ${COUNT} of them an answer that no order of names changes, or a coded error`, () => {
    const found = { read: 0, refused: 0, reordered: 0, damaged: 0 };
    for (let index = 0; index < COUNT; index++) {
      const random = new Random(20, index);
      const entries = mutated(random);
      const format = pick(random, formats);
      const nested = pick(random, [undefined, 'state_dict', 'net', 'model_ema']);
      const file = fileOf(entries, format, nested);
      const answer = answerTo(file);
      found[answer.startsWith('WEIGHTS_') ? 'refused' : 'read']++;
      if (index % 2 === 0) {
        const order = random.permutation(entries.length);
        const reordered = Array.from(order, (place) => entries[place]!);
        expect(answerTo(fileOf(reordered, format, nested)), `${index}: ${format}`).toBe(answer);
        found.reordered++;
      } else {
        const damaged = file.slice();
        for (let count = 1 + random.int(4); count > 0; count--) {
          damaged[random.int(damaged.length)] = random.int(256);
        }
        answerTo(random.int(8) === 0 ? damaged.subarray(0, random.int(damaged.length)) : damaged);
        found.damaged++;
      }
    }
    console.log(`mutated checkpoints: ${JSON.stringify(found)}`);
    expect(found.read).toBeGreaterThan(COUNT / 2);
    expect(found.refused).toBeGreaterThan(100);
  }, 300_000);

  it('gives the same answer for the same tensors in every format', () => {
    for (let index = 0; index < 200; index++) {
      const random = new Random(21, index);
      const entries = mutated(random).filter(([, value]) => value !== 'beside');
      const answers = formats.map((format) => answerTo(fileOf(entries, format, undefined)));
      expect(new Set(answers).size).toBe(1);
    }
  });
});
