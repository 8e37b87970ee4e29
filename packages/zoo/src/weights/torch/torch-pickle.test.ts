import { describe, expect, it } from 'vitest';
import {
  ascii,
  call,
  dict,
  emptyDict,
  emptyTuple,
  fixture,
  floats,
  global,
  int,
  int32,
  none,
  refusal,
  stackGlobal,
  storage,
  tensor,
  text,
  torchLegacy,
  torchZip,
  tuple,
} from '../testing.js';
import { readTorch } from './torch.js';

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
