import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, inflateSync } from 'node:zlib';
import { unzipSync, zipSync } from 'fflate';
import { packTar } from 'modern-tar';
import sharp from 'sharp';
import { readClassNames } from '../../packages/cli/src/eval/read-class-names.js';
import { readEvaluationFile } from '../../packages/cli/src/eval/read-evaluation-file.js';
import { readRealLabels } from '../../packages/cli/src/eval/real-labels.js';
import { readRun } from '../../packages/cli/src/plot/read-run.js';
import { changedRecipe, namedRecipe } from '../../packages/cli/src/shared/recipes/chosen-recipe.js';
import { Random } from '../../packages/core/src/index.js';
import { readCifar10, readCifar100 } from '../../packages/data/src/cifar/read-cifar.js';
import { readParquet } from '../../packages/data/src/formats/parquet/read-parquet.js';
import { readDevelopmentKitIds } from '../../packages/data/src/imagenet/development-kit.js';
import { readValidationLabels } from '../../packages/data/src/imagenet/validation-labels.js';
import { decodeImage } from '../../packages/data/src/images/decode-image.node.js';
import { tarShards } from '../../packages/data/src/shards/tar-shards.js';
import { formatEvaluationFile } from '../../packages/eval/src/index.js';
import { Tally } from '../../packages/eval/src/metrics/tally.js';
import { openExperiment } from '../../packages/experiments/src/experiment/experiment-folder.js';
import { readCheckpoint, writeCheckpoint } from '../../packages/train/src/checkpoint/checkpoint-store.js';
import { recipe, recipes } from '../../packages/train/src/recipe/recipe.js';
import { runSettings } from '../../packages/train/src/run/run-settings.js';
import {
  cifarResNet,
  openModel,
  packModel,
  readWeights,
  writeSafetensors,
} from '../../packages/zoo/src/index.js';
import { loadModel } from '../../packages/zoo/src/node.js';
import { one } from './mutate.js';

/** A parser with what it is given. */
export interface Target {
  name: string;
  /** Files that are whole. */
  bases: readonly Uint8Array[];
  isText?: boolean;
  /** Puts what was changed where the parser gets to see it, past what would refuse it before: checksums, compression. */
  wrap?(bytes: Uint8Array, random: Random): Uint8Array;
  /** Parses it. */
  parse(bytes: Uint8Array): Promise<unknown> | unknown;
}

const fixtures = (of: string) => join(process.cwd(), 'packages', of, 'fixtures');
const fixture = async (of: string, name: string) => new Uint8Array(await readFile(join(fixtures(of), name)));
const bytesOf = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => bytesOf(JSON.stringify(value));

/** All parsers of files from strangers. @param folder an empty one to work in; a backend must be in use */
export async function makeTargets(folder: string): Promise<Target[]> {
  return [
    ...(await weights(folder)),
    ...(await archives(folder)),
    ...(await parquet(folder)),
    ...(await images()),
    ...(await labels(folder)),
    ...(await runs(folder)),
  ];
}

/** Writes a file where a parser looks for it, again and again. */
async function place(folder: string, name: string): Promise<(bytes: Uint8Array) => Promise<string>> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  return async (bytes) => {
    await writeFile(path, bytes);
    return path;
  };
}

async function weights(folder: string): Promise<Target[]> {
  const network = cifarResNet(8, { classes: 2, inChannels: 1 });
  const { tensors, metadata } = await packModel({ network, classNames: ['a', 'b'] });
  network.dispose();
  const packed = writeSafetensors(tensors, metadata, { float16: true });
  const bare = writeSafetensors(tensors, { arch: 'resnet8' });
  const open = (bytes: Uint8Array) => openModel(readWeights(bytes)).network.dispose();
  const named = (names: string[]) => Promise.all(names.map((name) => fixture('zoo', name)));
  const zips = await named([
    ...['tensors-zip.pt', 'checkpoint-zip-protocol4.pt', 'complex-zip.pt', 'whole-module-zip.pt'],
    ...['checkpoints/everything.pt', 'checkpoints/deflated.pt', 'checkpoints/arguments.pt'],
  ]);
  const files = [packed, await fixture('zoo', 'tensors.safetensors')];
  const endOfHeader = (file: Uint8Array) =>
    8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const pickles = zips.map(
    (zip) => Object.entries(unzipSync(zip)).find(([name]) => name.endsWith('data.pkl'))![1],
  );
  const writeWeights = await place(join(folder, 'weights'), 'model.safetensors');
  const path = await writeWeights(bare);
  const beside = await Promise.all(
    ['config.json', 'preprocessor_config.json'].map((name) => place(join(folder, 'weights'), name)),
  );
  return [
    { name: 'safetensors', bases: [packed, bare, await fixture('zoo', 'tensors.safetensors')], parse: open },
    {
      name: 'safetensors header',
      bases: files.map((file) => file.slice(8, endOfHeader(file))),
      isText: true,
      wrap(header, random) {
        const file = one(files, random);
        const length = new Uint8Array(BigInt64Array.of(BigInt(header.length)).buffer);
        return new Uint8Array(Buffer.concat([length, header, file.subarray(endOfHeader(file))]));
      },
      parse: open,
    },
    { name: 'PyTorch zip', bases: zips, parse: open },
    {
      name: 'PyTorch legacy',
      bases: await named([
        'tensors-legacy.pt',
        'checkpoint-legacy-protocol4.pt',
        'checkpoints/everything-legacy.pt',
      ]),
      parse: open,
    },
    {
      name: 'PyTorch pickle',
      bases: pickles,
      wrap(pickle, random) {
        const files = unzipSync(one(zips, random));
        const name = Object.keys(files).find((each) => each.endsWith('data.pkl'))!;
        return zipSync({ ...files, [name]: pickle }, { level: 0 });
      },
      parse: open,
    },
    {
      name: 'config.json',
      bases: configs.map(json),
      isText: true,
      async parse(bytes) {
        await Promise.all(beside.map((write) => write(bytes)));
        (await loadModel(path)).network.dispose();
      },
    },
  ];
}

const configs = [
  {
    architecture: 'resnet50',
    num_classes: 3,
    global_pool: 'avg',
    model_args: { output_stride: 16, act_layer: 'relu' },
    pretrained_cfg: {
      input_size: [3, 224, 224],
      crop_pct: 0.95,
      mean: [0.5, 0.2, 0.1],
      std: [0.5, 0.2, 0.2],
    },
    label_names: ['ant', 'bee'],
  },
  {
    architecture: 'resnet8',
    num_classes: 2,
    interpolation: 'bicubic',
    crop_mode: 'center',
    mean: [0.5],
    std: [0.25],
  },
  {
    architectures: ['ResNetForImageClassification'],
    hidden_act: 'relu',
    id2label: { 0: 'ant', 1: 'bee' },
    layer_type: 'basic',
    model_type: 'resnet',
    image_mean: [0.5],
    image_std: [0.2],
    size: { shortest_edge: 32 },
    resample: 3,
    downsample_in_bottleneck: false,
  },
];

async function archives(folder: string): Promise<Target[]> {
  const random = new Random(1);
  const record = (labels: number) =>
    Uint8Array.from({ length: labels + 3072 }, (_, at) => (at < labels ? random.int(10) : random.int(256)));
  const records = (labels: number, count: number) =>
    new Uint8Array(Buffer.concat(Array.from({ length: count }, () => record(labels))));
  const python = Object.entries(
    JSON.parse(await readFile(join(fixtures('data'), 'cifar-python.json'), 'utf8')) as Record<string, string>,
  ).map(([, packed]) => new Uint8Array(inflateSync(Buffer.from(packed, 'base64'))));
  const file = (name: string, body: Uint8Array) => ({ header: { name, size: body.length }, body });
  const long = `${'a/'.repeat(120)}readme`;
  const binaryTar = await packTar([
    file(long, new Uint8Array(9)),
    file('cifar-10-batches-bin/test_batch.bin', records(1, 1)),
  ]);
  const pythonTar = await packTar([file('cifar-10-batches-py/test_batch', python[0]!)]);
  const png = new Uint8Array(
    await sharp({ create: { width: 3, height: 2, channels: 3, background: '#123456' } })
      .png()
      .toBuffer(),
  );
  const shardTar = await packTar([
    file('d/a.jpg', png),
    file('d/a.cls', bytesOf('0')),
    { header: { name: 'link', size: 0, type: 'symlink', linkname: 'a' } },
    file(`${'b'.repeat(120)}.png`, png),
    file(`${'b'.repeat(120)}.json`, json({})),
    file(`${'b'.repeat(120)}.cls`, bytesOf('1\n')),
  ]);
  const index = {
    __kind__: 'wids-shard-index-v1',
    wids_version: 1,
    shardlist: [{ url: 'a.tar', nsamples: 2 }],
    classes: ['x', 'y'],
  };
  const stream = async (top: string) => {
    const set = await tarShards(top, { bufferSize: 3 });
    const order = { seed: 1, epoch: 0, isShuffled: true, shard: [0, 1] as const };
    for await (const sample of set.stream(order, 0)) await sample.read();
  };
  const shards = join(folder, 'shards');
  const indexed = join(folder, 'indexed');
  const writeShard = await place(shards, 'a.tar');
  const writeIndex = await place(indexed, 'index.json');
  await (await place(indexed, 'a.tar'))(shardTar);
  const writeArchive = await place(folder, 'archive.tar.gz');
  const writeBinary = await place(join(folder, 'binary'), 'test_batch.bin');
  const writeHundred = await place(join(folder, 'hundred'), 'test.bin');
  const writePython = await place(join(folder, 'python'), 'test_batch');
  const writePython100 = await place(join(folder, 'python100'), 'test');
  const readArchive = async (bytes: Uint8Array) => readCifar10(await writeArchive(bytes), 'test');
  const gzip = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes, { level: 1 }));
  return [
    {
      name: 'tar',
      bases: [binaryTar, pythonTar],
      wrap: (bytes, random) => gzip(withChecksums(bytes, random)),
      parse: readArchive,
    },
    { name: 'tar.gz', bases: [gzip(binaryTar), gzip(pythonTar)], parse: readArchive },
    {
      name: 'tar shard',
      bases: [shardTar],
      wrap: withChecksums,
      async parse(bytes) {
        await writeShard(bytes);
        await stream(shards);
      },
    },
    {
      name: 'index of shards',
      bases: [json(index)],
      isText: true,
      async parse(bytes) {
        await writeIndex(bytes);
        await stream(indexed);
      },
    },
    {
      name: 'CIFAR binary',
      bases: [records(1, 3), records(2, 2)],
      async parse(bytes) {
        await writeBinary(bytes);
        await writeHundred(bytes);
        await readCifar10(join(folder, 'binary'), 'test').catch(() => {});
        await readCifar100(join(folder, 'hundred'), 'test');
      },
    },
    {
      name: 'CIFAR Python',
      bases: python,
      async parse(bytes) {
        await writePython(bytes);
        await writePython100(bytes);
        const [ten, hundred] = await Promise.allSettled([
          readCifar10(join(folder, 'python'), 'test'),
          readCifar100(join(folder, 'python100'), 'test', { labels: 'coarse' }),
        ]);
        for (const result of [ten, hundred]) if (result.status === 'rejected') throw result.reason;
      },
    },
  ];
}

/** A tar whose headers have the right checksums, most times. */
function withChecksums(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.int(4) === 0) return bytes;
  const tar = Buffer.from(bytes);
  for (let start = 0; start + 512 <= tar.length; start += 512) {
    if (tar.toString('latin1', start + 257, start + 262) !== 'ustar') continue;
    tar.fill(' ', start + 148, start + 156);
    const sum = tar.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, start + 148);
  }
  return new Uint8Array(tar);
}

async function parquet(folder: string): Promise<Target[]> {
  const names = ['cifar10-huggingface', 'cifar100-huggingface', 'version2', 'snappy2', 'missing'];
  const files = await Promise.all(names.map((name) => fixture('data', `${name}.parquet`)));
  const write = await place(folder, 'a.parquet');
  const parse = async (bytes: Uint8Array) => {
    const set = await readParquet(await write(bytes));
    for (const index of [0, 1, set.count - 1]) await set.encoded!(index);
  };
  const lengthOf = (file: Uint8Array) =>
    new DataView(file.buffer, file.byteOffset).getUint32(file.length - 8, true);
  return [
    { name: 'Parquet', bases: files, parse },
    {
      name: 'Parquet footer',
      bases: files.map((file) => file.slice(file.length - 8 - lengthOf(file), file.length - 8)),
      wrap(footer, random) {
        const file = one(files, random);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(footer.length);
        const pages = file.subarray(0, file.length - 8 - lengthOf(file));
        return new Uint8Array(Buffer.concat([pages, footer, length, Buffer.from('PAR1')]));
      },
      parse,
    },
  ];
}

async function images(): Promise<Target[]> {
  const { files } = JSON.parse(await readFile(join(fixtures('data'), 'image-modes.json'), 'utf8')) as {
    files: { name: string; file: string }[];
  };
  const all = files.map(({ name, file }) => ({ name, bytes: new Uint8Array(Buffer.from(file, 'base64')) }));
  const small = () => sharp({ create: { width: 12, height: 9, channels: 3, background: '#1256a4' } });
  const more = await Promise.all([
    small().avif().toBuffer(),
    small().tiff().toBuffer(),
    small().webp().toBuffer(),
    small().gif().toBuffer(),
  ]);
  const plain = /\.(bmp|pbm|pgm|ppm)$/;
  const parse = (bytes: Uint8Array) => decodeImage(bytes, 'image', async () => {});
  return [
    {
      name: 'JPEG, PNG, WebP, GIF, AVIF, TIFF',
      bases: [
        ...all.filter(({ name }) => !plain.test(name)).map(({ bytes }) => bytes),
        ...more.map((each) => new Uint8Array(each)),
      ],
      parse,
    },
    {
      name: 'BMP, PBM, PGM, PPM',
      bases: all.filter(({ name }) => plain.test(name)).map(({ bytes }) => bytes),
      parse,
    },
  ];
}

async function labels(folder: string): Promise<Target[]> {
  const packed = await fixture('data', 'imagenet-meta.mat');
  const plain = new Uint8Array(Buffer.concat([packed.subarray(0, 128), inflateSync(packed.subarray(136))]));
  const kit = join(folder, 'kit');
  const writeKit = await place(kit, 'meta.mat');
  const writeLabels = await place(join(folder, 'labels'), 'labels.txt');
  await (await place(join(folder, 'labels'), 'meta.mat'))(packed);
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
  const writeReal = await place(folder, 'real.json');
  const writeNames = await place(folder, 'names.txt');
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

async function runs(folder: string): Promise<Target[]> {
  const data = { name: 'x', count: 40, classes: ['a', 'b'] };
  const normalization = { mean: Float32Array.of(0.5), std: Float32Array.of(0.25) };
  const settings = runSettings({
    architecture: { name: 'resnet20', classes: 2, inChannels: 1 },
    recipe: recipe('digits'),
    ...{ train: data, test: data, normalization },
  });
  const state = () => new Map([['fc.weight', { shape: [4], data: new Float32Array(4) }]]);
  const checkpoints = join(folder, 'checkpoints');
  await writeCheckpoint(
    checkpoints,
    {
      ...{
        iteration: 7,
        schedule: {} as never,
        learningRate: 0.1,
        best: null,
        testsSinceBest: 0,
        testDue: true,
      },
      window: { steps: 0, images: 0, errors: 0, loss: 1, data: 0, forward: 0, backward: 0, update: 0 },
      ...{ network: state(), optimizer: state() },
    },
    settings,
  );
  const statePath = join(checkpoints, '00000007', 'state.json');
  const tally = new Tally(3, 3);
  const random = new Random(2);
  for (let image = 0; image < 20; image++) {
    tally.add(
      { scores: Float32Array.from({ length: 3 }, () => random.uniform()), kind: 'logits' },
      random.int(3),
      [random.int(3)],
    );
  }
  const evaluation = formatEvaluationFile({
    subject: { network: 'x' },
    total: 30,
    classNames: ['a', 'b', 'c'],
    evaluation: tally.result(2),
  });
  const log = Array.from({ length: 9 }, (_, at) =>
    JSON.stringify({
      kind: at % 3 === 2 ? 'test' : 'train',
      iteration: 10 * at,
      error: 0.5,
      loss: 1,
      epoch: at,
      count: 9,
    }),
  ).join('\n');
  const writeState = async (bytes: Uint8Array) => writeFile(statePath, bytes);
  const writeMetrics = await place(join(folder, 'run'), 'metrics.jsonl');
  const writeEvaluation = await place(folder, 'evaluation.json');
  const writeRecipe = await place(folder, 'recipe.json');
  const writeExperiment = await place(join(folder, 'experiment'), 'experiment.json');
  const numbers = { experiment: 'x', recipe: recipe('digits'), seeds: [1, 2] };
  return [
    {
      name: 'state.json',
      bases: [new Uint8Array(await readFile(statePath))],
      isText: true,
      async parse(bytes) {
        await writeState(bytes);
        await readCheckpoint(checkpoints, settings);
      },
    },
    {
      name: 'metrics.jsonl',
      bases: [bytesOf(`${log}\n`)],
      isText: true,
      async parse(bytes) {
        await writeMetrics(bytes);
        await readRun(join(folder, 'run'));
      },
    },
    {
      name: 'evaluation',
      bases: [bytesOf(evaluation)],
      isText: true,
      parse: async (bytes) => readEvaluationFile(await writeEvaluation(bytes)),
    },
    {
      name: 'recipe',
      bases: Object.values(recipes).map(json),
      isText: true,
      async parse(bytes) {
        const path = await writeRecipe(bytes);
        changedRecipe((await namedRecipe({ recipe: path }))!, { epochs: 2 }, 100);
      },
    },
    {
      name: 'experiment.json',
      bases: [json({ ...numbers, circumstances: { node: '24' } })],
      isText: true,
      async parse(bytes) {
        await writeExperiment(bytes);
        await openExperiment(join(folder, 'experiment'), numbers, {});
      },
    },
  ];
}
