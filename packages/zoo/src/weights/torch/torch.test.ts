import { existsSync, readFileSync } from 'node:fs';
import type { StateDict } from '@resnet/blocks';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  call,
  dict,
  emptyDict,
  emptyTuple,
  expected,
  fixture,
  global,
  int,
  int32,
  none,
  pickle,
  stackGlobal,
  storage,
  tensor,
  text,
  torchLegacy,
  torchZip,
  tuple,
} from '../testing.js';
import { readTorch, readTorchCheckpoint } from './torch.js';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const refusal = (code: string, problem: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(problem) });

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
  const folder =
    process.env.RESNET_SHARED_DATA ?? new URL('../../../../../../shared/data', import.meta.url).pathname;

  // Counts, sums and values as PyTorch 2.15 gives them.
  it.for([
    ['resnet20-12fca82f.th', 97, 271_098, 139.7826495598208, 10987.817166808309, 0.19355906546115875],
    ['resnet32-d509ac18.th', 157, 466_426, 721.5178900284966, 18430.39608765589, 0.1762789636850357],
  ] as const)('reads %s', ([name, count, size, sum, squares, bias], { skip }) => {
    const path = `${folder}/torch-weights/${name}`;
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

describe('a pickle that asks for more than tensors', () => {
  const osSystem = 'This PyTorch file asks for "os.system"';
  const evil = text('rm -rf /');
  const inst = [0x28, ...evil, 0x69, ...ascii('os\nsystem\n')];

  it.each<[string, number[], string]>([
    ['GLOBAL', call(global('os', 'system'), evil), osSystem],
    ['STACK_GLOBAL', call(stackGlobal('os', 'system'), evil), osSystem],
    ['a global that is never called', tuple(global('os', 'system')), osSystem],
    ['INST', inst, 'an object of the class "os.system"'],
    [
      'INST of a permitted class',
      [0x28, 0x69, ...ascii('collections\nOrderedDict\n')],
      'the class "collections.OrderedDict"',
    ],
    ['OBJ', [0x28, ...global('os', 'system'), ...evil, 0x6f], osSystem],
    [
      'OBJ of a permitted class',
      [0x28, ...global('collections', 'OrderedDict'), 0x6f],
      'an object (pickle operation OBJ)',
    ],
    ['NEWOBJ', [...global('os', 'system'), ...emptyTuple, 0x81], osSystem],
    [
      'NEWOBJ_EX',
      [...global('collections', 'OrderedDict'), ...emptyTuple, ...emptyDict, 0x92],
      'operation NEWOBJ_EX',
    ],
    ['EXT1', [0x82, 1], 'operation EXT1'],
    ['EXT2', [0x83, 1, 0], 'operation EXT2'],
    ['EXT4', [0x84, 1, 0, 0, 0], 'operation EXT4'],
    [
      'a name with dots',
      stackGlobal('torch', '_utils._rebuild_tensor_v2.__globals__'),
      '_rebuild_tensor_v2.__globals__',
    ],
    ['a name that JavaScript objects inherit', global('', 'constructor'), '".constructor"'],
  ])('is refused as forbidden: %s', (_, value, problem) => {
    for (const bytes of [torchZip(value), torchZip(dict({ state_dict: value })), torchLegacy(value)]) {
      expect(() => readTorch(bytes)).toThrow(refusal('WEIGHTS_FORBIDDEN', problem));
      expect(() => readTorch(bytes)).toThrow(/Save the weights again, as safetensors/);
    }
  });

  it('is refused by the name of the class if a whole module was saved', () => {
    expect(() => readTorch(fixture('whole-module-zip.pt'))).toThrow(
      refusal('WEIGHTS_FORBIDDEN', 'torch.nn.modules.container.Sequential'),
    );
  });
});

describe('a pickle that is damaged or hostile', () => {
  const wrongArguments = 'with the wrong arguments';
  const rebuild = global('torch._utils', '_rebuild_tensor_v2');
  const parameter = global('torch._utils', '_rebuild_parameter');
  const good = storage('0', 2);
  const ints = (...values: number[]) => tuple(...values.map(int));
  const manyOperations = new Array(1_000_001).fill(0x4e);
  // A list of lists of lists, each twice: 2^60 lists if anyone were to follow them all.
  const bomb = [0x5d, ...Array.from({ length: 60 }, () => [0x71, 0, 0x68, 0, 0x86]).flat()];

  it.each<[string, number[], string]>([
    ['no value at all', [], 'what was saved is no dict'],
    ['a list', [0x5d], 'what was saved is no dict'],
    ['one tensor', tensor(good, 0, [2], [1]), 'what was saved is no dict; save model.state_dict()'],
    ['a dict of something else', dict({ epoch: int(3) }), 'it holds no tensors, only "epoch"; save'],
    [
      'a name that is no string',
      [...emptyDict, ...int(1), ...tensor(good, 0, [2], [1]), 0x73],
      'a name that is no string',
    ],
    [
      'an unknown dtype',
      dict({ a: tensor(storage('0', 1, 'QInt8Storage'), 0, [1], [1]) }),
      'tensors in a "QInt8Storage"; read are DoubleStorage',
    ],
    ['a tensor without arguments', call(rebuild), wrongArguments],
    ['a tensor of no storage', call(rebuild, none, int(0), ints(2), ints(1)), wrongArguments],
    [
      'a tensor of a type',
      call(rebuild, global('torch', 'FloatStorage'), int(0), ints(2), ints(1)),
      wrongArguments,
    ],
    ['a tensor without strides', call(rebuild, good, int(0), ints(2)), wrongArguments],
    ['a tensor of a text shape', call(rebuild, good, int(0), text('ab'), ints(1)), wrongArguments],
    [
      'a tensor with too many arguments',
      call(rebuild, good, int(0), ints(2), ints(1), none, none, none, none),
      wrongArguments,
    ],
    [
      'a negated tensor',
      dict({ a: call(rebuild, good, int(0), ints(2), ints(1), none, none, dict({ neg: [0x88] })) }),
      'the tensor "a" is lazily negated',
    ],
    ['a call of None', call(none), 'calls something in an unusual way'],
    [
      'a call with arguments that are no tuple',
      [...rebuild, ...none, 0x52],
      'calls something in an unusual way',
    ],
    ['a call of a storage type', call(global('torch', 'FloatStorage'), int(2)), 'calls torch.FloatStorage'],
    [
      'an OrderedDict with arguments',
      call(global('collections', 'OrderedDict'), tuple(int(1))),
      'calls OrderedDict with arguments that are no entries',
    ],
    ['a parameter of no tensor', call(parameter, emptyDict, none, none), wrongArguments],
    ['a parameter without arguments', call(parameter), wrongArguments],
    ['a persistent id that is no tuple', [...text('storage'), 0x51], 'a persistent id that is no storage'],
    [
      'a persistent id of something else',
      [...tuple(text('module'), none, none, none, none), 0x51],
      'that is no storage',
    ],
    [
      'a storage of no type',
      [...tuple(text('storage'), none, text('0'), none, int(2)), 0x51],
      'without a type, a key',
    ],
    ['a storage of negative length', storage('0', -1), 'without a type, a key and a number of values'],
    [
      'a storage that is a view',
      [...good.slice(0, -2), ...emptyTuple, 0x74, 0x51],
      'a view of another storage',
    ],
    [
      'a storage in two ways',
      tuple(storage('0', 2), storage('0', 2, 'IntStorage')),
      'the storage "0" in two ways',
    ],
    ['a negative dimension', tensor(good, 0, [-1], [1]), 'without a shape and strides that fit'],
    ['too few strides', tensor(good, 0, [1, 2], [1]), 'without a shape and strides that fit'],
    [
      '65 dimensions',
      tensor(good, 0, new Array(65).fill(1), new Array(65).fill(1)),
      'calls _rebuild_tensor with the wrong arguments',
    ],
    [
      'too many values to count',
      tensor(good, 0, [2 ** 30, 2 ** 30], [0, 0]),
      'without a shape and strides that fit',
    ],
    ['a negative offset', tensor(good, -1, [2], [1]), 'an offset or a stride that is no count'],
    ['a negative stride', tensor(good, 1, [2], [-1]), 'an offset or a stride that is no count'],
    ['an offset past the end', tensor(good, 1, [2], [1]), 'ends at value 3 of a storage of 2'],
    ['a stride past the end', tensor(good, 0, [2], [2]), 'ends at value 3 of a storage of 2'],
    [
      'a dimension past the end',
      tensor(good, 0, [2 ** 31 - 1], [1]),
      'ends at value 2147483647 of a storage of 2',
    ],
    [
      'a billion repeated values',
      dict({ a: tensor(good, 0, [2 ** 30], [0]) }),
      "can't stand for tensors of 1073741824 values",
    ],
    ['a huge storage', dict({ a: tensor(storage('0', 2 ** 31 - 1), 0, [2], [1]) }), '8589934'],
    ['a byte string of negative length', [0x42, ...int32(-5)], 'a byte string of -5 bytes'],
    ['a byte array of 2^53 bytes', [0x96, 0, 0, 0, 0, 0, 0, 0x20, 0], 'damaged or cut off'],
    ['a text of 2^53 bytes', [0x8d, 0, 0, 0, 0, 0, 0, 0x20, 0], 'the operation 0x8d'],
    ['a text longer than the file', [0x58, 0xff, 0xff, 0xff, 0xff], 'damaged or cut off'],
    ['a huge integer', [0x8b, ...int32(0x7fffffff)], 'the operation 0x8b'],
    ['a global without end', [0x63, ...ascii('os')], 'damaged or cut off'],
    ['a global whose name is a list', [0x5d, ...text('x'), 0x93], 'a global without a name'],
    ['a global whose name is a bomb', [...bomb, ...text('x'), 0x93], 'a global without a name'],
    ['a protocol of the future', [0x80, 6], 'damaged or cut off'],
    ['a mark that is not there', [0x74], 'damaged or cut off'],
    ['a dict of protocol 0', [0x28, 0x64], 'the operation 0x64'],
    ['out-of-band data', [0x97], 'the operation 0x97'],
    ['a million operations', manyOperations, 'more than 1000000 operations'],
  ])('is refused as invalid: %s', (_, value, problem) => {
    const values = floats(1, 2);
    for (const bytes of [
      torchZip(value, { 0: values }),
      torchLegacy(value, [{ key: '0', count: 2, bytes: values }]),
    ]) {
      expect(() => readTorch(bytes)).toThrow(refusal('WEIGHTS_INVALID', problem));
    }
  });

  it('sets no property of anything: names of attributes are names', () => {
    const polluted = dict({ isPolluted: [0x88] });
    const values = tensor(good, 0, [2], [1]);
    const state = [...dict({ __proto__: polluted, length: int(2 ** 31 - 1) }), 0x62];
    const entries = [...text('__proto__'), ...values, ...text('constructor'), ...values];
    const value = [...call(global('collections', 'OrderedDict')), ...state, 0x28, ...entries, 0x75];
    const tensors = readTorch(torchZip(value, { 0: floats(1, 2) }));
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
    expect([...tensors.get('__proto__')!.data]).toEqual([1, 2]);
    expect('isPolluted' in {} || 'isPolluted' in new Map() || 'isPolluted' in []).toBe(false);

    // The same on a list, whose length would then be 2^31 - 1, and on a function of ours.
    const list = [0x5d, ...dict({ length: int(2 ** 31 - 1) }), 0x62];
    expect(() => readTorch(torchZip([...rebuild, ...list, 0x52]))).toThrow(
      refusal('WEIGHTS_INVALID', wrongArguments),
    );
    const type = [...global('collections', 'OrderedDict'), ...polluted, 0x62];
    expect(readTorch(torchZip(call(type))).size).toBe(0);
  });

  it('remembers at any index', () => {
    const value = [...dict({}), 0x72, 0xff, 0xff, 0xff, 0xff, 0x6a, 0xff, 0xff, 0xff, 0xff];
    expect(readTorch(torchZip(value)).size).toBe(0);
  });
});

describe('a zip file', () => {
  const value = dict({ a: tensor(storage('0', 2), 0, [2], [1]) });
  const pickled = Uint8Array.from(pickle(value));
  const values = floats(1, 2);
  const one: StateDict = new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]);
  const order = (name: string) => ({ 'x/byteorder': Uint8Array.from(ascii(name)) });
  const zip = (entries: Record<string, Uint8Array>, level: 0 | 6 = 0) => zipSync(entries, { level });

  it('is read if others have compressed it, as PyTorch reads it', () => {
    const entries = { 'x/data.pkl': pickled, 'x/data/0': values, pad: new Uint8Array(999) };
    expect(zip(entries, 6).length).toBeLessThan(zip(entries).length - 900);
    expect(readTorch(zip(entries, 6))).toEqual(one);
  });

  it('is read with and without a byte order', () => {
    expect(readTorch(zip({ 'x/data.pkl': pickled, 'x/data/0': values }))).toEqual(one);
    expect(readTorch(zip({ 'x/data.pkl': pickled, 'x/data/0': values, ...order('little') }))).toEqual(one);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'of a big-endian machine',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values, ...order('big') }),
      'it is not little-endian',
    ],
    ['without a pickle', zip({ 'a.txt': values }), 'found the entries "a.txt"'],
    ['with a pickle outside of a folder', zip({ 'data.pkl': pickled }), 'found the entries "data.pkl"'],
    [
      'with two pickles',
      zip({ 'x/data.pkl': pickled, 'y/data.pkl': pickled }),
      'found the entries "x/data.pkl", "y/data.pkl"',
    ],
    [
      'without its storage',
      zip({ 'x/data.pkl': pickled }),
      'expected 8 bytes in "x/data/0", found no such entry',
    ],
    [
      'with a short storage',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values.subarray(4) }),
      '"x/data/0", found 4',
    ],
    [
      'with a long storage',
      zip({ 'x/data.pkl': pickled, 'x/data/0': floats(1, 2, 3) }),
      '"x/data/0", found 12',
    ],
    [
      'that unpacks to far more than it is',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values, pad: new Uint8Array(99_999) }, 6),
      'unpacks to more than 32 times its size',
    ],
    [
      'that is cut off',
      zip({ 'x/data.pkl': pickled, 'x/data/0': values }).subarray(0, -30),
      'damaged or cut off',
    ],
  ])('is refused %s', (_, bytes, problem) => {
    expect(() => readTorch(bytes)).toThrow(refusal('WEIGHTS_INVALID', problem));
  });

  it('is refused if its directory lies', () => {
    const bytes = zip({ 'x/data.pkl': pickled, 'x/data/0': values });
    const view = new DataView(bytes.buffer);
    const end = bytes.length - 22;
    const directory = view.getUint32(end + 16, true);
    const second = directory + 46 + 'x/data.pkl'.length;
    const changed = (change: (view: DataView) => void) => {
      const copy = bytes.slice();
      change(new DataView(copy.buffer));
      return copy;
    };

    const huge = changed((copy) => {
      copy.setUint32(second + 20, 0xfffffffe, true);
      copy.setUint32(second + 24, 0xfffffffe, true);
    });
    expect(() => readTorch(huge)).toThrow(refusal('WEIGHTS_INVALID', 'larger than the archive'));

    const inflated = changed((copy) => copy.setUint32(second + 24, 0xfffffffe, true));
    expect(() => readTorch(inflated)).toThrow(
      refusal('WEIGHTS_INVALID', 'compressed in a way that is not read (method 0)'),
    );

    // A 64-bit record of the end that counts 4 billion entries, and where to find it.
    const record = new DataView(new ArrayBuffer(56 + 20));
    for (const [at, value] of [
      [0, 0x06064b50],
      [32, 0xffffffff],
      [48, directory],
      [56, 0x07064b50],
      [64, end],
    ] as const) {
      record.setUint32(at, value, true);
    }
    const counted = new Uint8Array([
      ...bytes.subarray(0, end),
      ...new Uint8Array(record.buffer),
      ...bytes.subarray(end),
    ]);
    expect(() => readTorch(counted)).toThrow(refusal('WEIGHTS_INVALID', "Can't read this PyTorch file: "));

    const elsewhere = changed((copy) => copy.setUint32(second + 42, 0xffff, true));
    expect(() => readTorch(elsewhere)).toThrow(refusal('WEIGHTS_INVALID', '"x/data/0", found 0'));

    // Every entry of one name and place: 46 bytes a time, each would be a copy of the data.
    const again = bytes.subarray(second, end);
    const repeated = new Uint8Array([...bytes.subarray(0, end), ...again, ...bytes.subarray(end)]);
    new DataView(repeated.buffer).setUint16(end + again.length + 8, 3, true);
    expect(() => readTorch(repeated)).toThrow(refusal('WEIGHTS_INVALID', 'two entries named "x/data/0"'));
  });
});

describe('a file of the legacy format', () => {
  const value = dict({ a: tensor(storage('0', 2), 0, [2], [1]) });
  const values = floats(1, 2);
  const good = { key: '0', count: 2, bytes: values };

  it('is read', () => {
    expect([...readTorch(torchLegacy(value, [good])).get('a')!.data]).toEqual([1, 2]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'of a big-endian machine',
      torchLegacy(value, [good], dict({ little_endian: [0x89] })),
      'it is not little-endian',
    ],
    ['of an unknown machine', torchLegacy(value, [good], none), 'it is not little-endian'],
    ['of another protocol', torchLegacy(value, [good]).with(18, 0xea), 'not of the legacy protocol 1001'],
    ['without its storage', torchLegacy(value), 'the values of the storage "0" are missing'],
    ['with a storage twice', torchLegacy(value, [good, good]), 'does not fit its tensors'],
    [
      'with a storage of no tensor',
      torchLegacy(value, [good, { ...good, key: '1' }]),
      'does not fit its tensors',
    ],
    [
      'with another count',
      torchLegacy(value, [{ ...good, count: 3 }]),
      'expected 2 values in the storage "0", found 3',
    ],
    ['with a huge count', torchLegacy(value, [{ ...good, count: 2n ** 62n }]), 'found 4611686018427387904'],
    ['with a negative count', torchLegacy(value, [{ ...good, count: -1 }]), 'found -1'],
    ['that is cut off', torchLegacy(value, [good]).subarray(0, -1), 'cut off: expected at least'],
    ['that is cut off after the magic number', torchLegacy(value).subarray(0, 15), 'damaged or cut off'],
    ['that is none', Uint8Array.of(1, 2, 3), 'begins neither as a zip archive nor with the magic number'],
  ])('is refused %s', (_, bytes, problem) => {
    expect(() => readTorch(bytes)).toThrow(refusal('WEIGHTS_INVALID', problem));
  });

  it('is refused without a list of storages', () => {
    const whole = torchLegacy(value);
    const noList = Uint8Array.from([...whole.subarray(0, -6), ...pickle(none)]);
    expect(() => readTorch(noList)).toThrow(refusal('WEIGHTS_INVALID', 'no list of its storages'));
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
