import { existsSync, readFileSync } from 'node:fs';
import { sharedData } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import {
  call,
  dict,
  emptyDict,
  expected,
  fixture,
  floats,
  global,
  int,
  none,
  refusal,
  storage,
  tensor,
  text,
  torchZip,
  tuple,
} from '../testing.js';
import { readTorch, readTorchCheckpoint } from './torch.js';

describe('readTorch', () => {
  it.each(['tensors-zip.pt', 'tensors-legacy.pt'])(
    'reads every dtype and every kind of view in %s',
    (name) => {
      const tensors = readTorch(fixture(name));
      expect([...tensors.keys()]).toEqual([...expected('tensors').keys()]);
      for (const [key, tensor] of expected('tensors')) expect(tensors.get(key), key).toEqual(tensor);
    },
  );

  it.each([
    'checkpoint-zip.pt',
    'checkpoint-zip-protocol4.pt',
    'checkpoint-legacy-protocol4.pt',
    'model-zip.pt',
  ])('finds the state dict inside of %s', (name) => {
    expect(readTorch(fixture(name))).toEqual(expected('network'));
  });

  it.each<[string, string | undefined, string[]]>([
    ['under-model_state_dict.pt', 'model_state_dict', ['epoch', 'optimizer']],
    ['under-net.pt', 'net', ['epoch', 'optimizer']],
    ['under-model_ema.pt', 'model_ema', ['epoch', 'optimizer']],
    ['under-ema.pt', 'ema', ['epoch', 'optimizer']],
    ['two-deep.pt', 'checkpoint.model', ['arch', 'best']],
    ['beside-scalars.pt', undefined, ['epoch', 'lr', 'arch']],
    ['arguments.pt', 'state_dict', ['args', 'best']],
  ])('finds the one dict of tensors in %s, and names what is beside it', (name, key, leftOut) => {
    const found = readTorchCheckpoint(fixture(`checkpoints/${name}`));
    expect(found.tensors).toEqual(expected('network'));
    expect(found.key).toBe(key);
    expect(found.leftOut).toEqual(leftOut);
  });

  it('keeps the texts that lie beside tensors', () => {
    for (const name of ['two-deep.pt', 'beside-scalars.pt']) {
      expect(readTorchCheckpoint(fixture(`checkpoints/${name}`)).metadata).toEqual({ arch: 'tiny' });
    }
  });

  it.each(['everything.pt', 'everything-protocol4.pt', 'everything-legacy.pt', 'deflated.pt'])(
    'reads past all that torch.load(weights_only=True) takes in %s',
    (name) => {
      const { tensors, leftOut } = readTorchCheckpoint(fixture(`checkpoints/${name}`));
      expect(tensors).toEqual(expected('network'));
      expect(leftOut).toEqual([
        ...['optimizer', 'scheduler', 'size', 'dtype', 'device', 'layout', 'set', 'bytes', 'bytearray'],
        ...['complex number', 'big', 'seed', 'rng_state', 'history', 'quantized', 'float8', 'sparse'],
      ]);
    },
  );

  it('lists several dicts of tensors, and reads the one that is wanted', () => {
    const file = fixture('checkpoints/two-dicts.pt');
    expect(() => readTorch(file)).toThrow(
      refusal('WEIGHTS_INVALID', 'several dicts of tensors: "model" (6 tensors), "model_ema" (7 tensors)'),
    );
    expect(() => readTorch(file)).toThrow('--key');
    expect(readTorch(file, { key: 'model' })).toEqual(expected('network'));
    const averaged = readTorch(file, { key: 'model_ema' });
    expect([...averaged.keys()].slice(0, 2)).toEqual(['n_averaged', 'module.conv1.weight']);
    expect(() => readTorch(file, { key: 'modle' })).toThrow(refusal('UNKNOWN_NAME', "Did you mean 'model'?"));
    const both = torchZip(
      dict({
        'fc.bias': tensor(storage('0', 2), 0, [2], [1]),
        ema: dict({ 'fc.bias': tensor(storage('0', 2), 1, [1], [1]) }),
      }),
      { 0: floats(1, 2) },
    );
    expect(() => readTorch(both)).toThrow(refusal('WEIGHTS_INVALID', '"." (1 tensor), "ema" (1 tensor)'));
    expect([...readTorch(both, { key: '.' }).get('fc.bias')!.data]).toEqual([1, 2]);
    expect([...readTorch(both, { key: 'ema' }).get('fc.bias')!.data]).toEqual([2]);
  });

  it.each([
    ['no-tensors.pt', 'WEIGHTS_INVALID', 'it holds no tensors, only "epoch", "optimizer"'],
    ['quantized.pt', 'WEIGHTS_INVALID', '"conv1.weight" can\'t be read: it is quantized; call .dequantize()'],
    ['../complex-zip.pt', 'WEIGHTS_INVALID', 'tensors in a "ComplexFloatStorage"; read are DoubleStorage'],
    ['meta.pt', 'WEIGHTS_INVALID', "on the device 'meta' and has a shape but no values"],
    ['torchscript.pt', 'WEIGHTS_INVALID', 'it is TorchScript, a program with its weights'],
  ])('says what is in %s', (name, code, problem) => {
    expect(() => readTorch(fixture(`checkpoints/${name}`))).toThrow(refusal(code, problem));
  });

  it('reads what Python 2 saved: an OrderedDict with its entries as arguments', () => {
    const entry = [0x5d, 0x28, ...text('a'), ...tensor(storage('0', 2), 0, [2], [1]), 0x65];
    const value = call(global('collections', 'OrderedDict'), [0x5d, 0x28, ...entry, 0x65]);
    expect([...readTorch(torchZip(value, { 0: floats(1, 2) })).get('a')!.data]).toEqual([1, 2]);
  });

  it('makes no more of entries that are given to many calls than a file may hold', () => {
    const pair = [...tuple(text('a'), int(1))];
    const list = [0x5d, 0x28, ...new Array(1000).fill(pair).flat(), 0x65, 0x71, 0];
    const calls = new Array(2000).fill(call(global('collections', 'OrderedDict'), [0x68, 0])).flat();
    expect(() => readTorch(torchZip([...list, ...calls]))).toThrow(
      refusal('WEIGHTS_INVALID', 'more than 1000000 entries in arguments'),
    );
  });

  it('names a key of no end as what it is', () => {
    const bomb = [0x5d, ...Array.from({ length: 60 }, () => [0x71, 0, 0x68, 0, 0x86]).flat()];
    const value = [...emptyDict, 0x28, ...bomb, ...int(1), ...text('a'), ...none, 0x75];
    expect(() => readTorch(torchZip(value))).toThrow(refusal('WEIGHTS_INVALID', 'a key that is no text'));
  });

  it('keeps no view of the file, and gives tensors that share a storage memory of their own', () => {
    for (const name of ['tensors-zip.pt', 'tensors-legacy.pt']) {
      const bytes = fixture(name);
      const before = bytes.slice();
      const tensors = readTorch(bytes);
      expect(bytes).toEqual(before);
      bytes.fill(0);
      expect(tensors).toEqual(expected('tensors'));
      const buffers = [...tensors.values()].map(({ data }) => data.buffer);
      expect(new Set(buffers).size).toBe(tensors.size);
    }
  });

  it('reads a file that lies at an odd place in a buffer', () => {
    for (const name of ['tensors-zip.pt', 'tensors-legacy.pt']) {
      const file = fixture(name);
      const bytes = new Uint8Array(file.length + 3).subarray(3);
      bytes.set(file);
      expect(readTorch(bytes)).toEqual(expected('tensors'));
    }
  });
});

describe('readTorch on the networks of akamaster/pytorch_resnet_cifar10', () => {
  // Counts, sums and values as PyTorch 2.15 gives them.
  it.for([
    ['resnet20-12fca82f.th', 97, 271_098, 139.7826495598208, 10987.817166808309, 0.19355906546115875],
    ['resnet32-d509ac18.th', 157, 466_426, 721.5178900284966, 18430.39608765589, 0.1762789636850357],
  ] as const)('reads %s', ([name, count, size, sum, squares, bias], { skip }) => {
    const path = `${sharedData}/torch-weights/${name}`;
    skip(!existsSync(path), `${name} is missing; set RESNET_SHARED_DATA to the folder of the shared data`);
    const tensors = readTorch(readFileSync(path));
    expect(tensors.size).toBe(count);
    const values = [...tensors.values()].flatMap(({ data }) => [...data]);
    expect(values.length).toBe(size);
    expect(values.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 6);
    expect(values.reduce((total, value) => total + value ** 2, 0)).toBeCloseTo(squares, 6);
    expect(tensors.get('module.conv1.weight')!.shape).toEqual([16, 3, 3, 3]);
    expect(tensors.get('module.linear.bias')!.data[0]).toBe(bias);
  });
});

it('tells of a key that is not there in a short message, whatever the keys are', () => {
  const tensors = dict({ a: tensor(storage('0', 2), 0, [2], [1]) });
  const saved = dict({ ...Object.fromEntries(['k'.repeat(2 ** 20), 'net'].map((key) => [key, tensors])) });
  const file = torchZip(saved, { 0: floats(1, 2) });
  const before = performance.now();
  let message = '';
  try {
    readTorch(file, { key: 'nett' });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain("Did you mean 'net'?");
  expect(message.length).toBeLessThan(1000);
  expect(performance.now() - before).toBeLessThan(2000);
});
