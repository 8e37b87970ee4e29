import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { readClassNames } from '../../../packages/cli/src/eval/read-class-names.js';
import { readRealLabels } from '../../../packages/cli/src/eval/real-labels.js';
import { readDevelopmentKitIds } from '../../../packages/data/src/imagenet/development-kit.js';
import { readValidationLabels } from '../../../packages/data/src/imagenet/validation-labels.js';
import { bytesOf, fileWriter, fixture, json, type Target } from './target.js';

export async function labels(folder: string): Promise<Target[]> {
  const packed = await fixture('data', 'imagenet-meta.mat');
  const plain = new Uint8Array(Buffer.concat([packed.subarray(0, 128), inflateSync(packed.subarray(136))]));
  const kit = join(folder, 'kit');
  const writeKit = await fileWriter(kit, 'meta.mat');
  const writeLabels = await fileWriter(join(folder, 'labels'), 'labels.txt');
  await (await fileWriter(join(folder, 'labels'), 'meta.mat'))(packed);
  const files = [1, 2, 3].map((number) => `ILSVRC2012_val_${String(number).padStart(8, '0')}.JPEG`);
  const table = files.map((file) => `${file.slice(0, -5)},n01440764 1 2 3 4 n01440764 5 6 7 8`).join('\n');
  const set = {
    name: 'val',
    count: 3,
    classes: ['a'],
    labels: new Int32Array(3),
    paths: files,
    read: undefined as never,
  };
  const writeReal = await fileWriter(folder, 'real.json');
  const writeNames = await fileWriter(folder, 'names.txt');
  return [
    {
      name: 'meta.mat',
      bases: [packed, plain],
      parse: async (bytes) => readDevelopmentKitIds(await writeKit(bytes)),
    },
    {
      name: 'labels of ImageNet',
      bases: [
        bytesOf('n01440764\nn02110185\nn02119789\n'),
        bytesOf('1\n2\n3\n'),
        bytesOf(`ImageId,PredictionString\n${table}\n`),
      ],
      isText: true,
      parse: async (bytes) => readValidationLabels(await writeLabels(bytes), files, folder),
    },
    {
      name: 'real labels',
      bases: [json([[1], [], [2, 3]])],
      isText: true,
      parse: async (bytes) => readRealLabels(await writeReal(bytes), set),
    },
    {
      name: 'names of classes',
      bases: [bytesOf('ant\nbee\ncat\n')],
      isText: true,
      parse: async (bytes) => readClassNames(await writeNames(bytes)),
    },
  ];
}
