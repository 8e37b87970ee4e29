import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { unzipSync, zipSync } from 'fflate';
import {
  cifarResNet,
  type Network,
  openInt8,
  openModel,
  packInt8,
  packModel,
  quantize,
  readWeights,
  writeSafetensors,
} from '../../../packages/zoo/src/index.js';
import { isInt8 } from '../../../packages/zoo/src/int8/is-int8.js';
import { loadModel } from '../../../packages/zoo/src/node.js';
import { one } from '../mutate.js';
import { fileWriter, fixture, json, type Target } from './target.js';

export async function weights(folder: string): Promise<Target[]> {
  const network = cifarResNet(8, { classes: 2, inChannels: 1 });
  const { tensors, metadata } = await packModel({ network, classNames: ['a', 'b'] });
  const int8 = await quantizedFile(network);
  network.dispose();
  const packed = writeSafetensors(tensors, metadata, { float16: true });
  const bare = writeSafetensors(tensors, { arch: 'resnet8' });
  const open = async (bytes: Uint8Array) => {
    const weights = readWeights(bytes);
    const model = isInt8(weights) ? await openInt8(weights) : openModel(weights);
    model.network.dispose();
  };
  const named = (names: string[]) => Promise.all(names.map((name) => fixture('zoo', name)));
  const zips = await named([
    ...['tensors-zip.pt', 'checkpoint-zip-protocol4.pt', 'complex-zip.pt', 'whole-module-zip.pt'],
    ...['checkpoints/everything.pt', 'checkpoints/deflated.pt', 'checkpoints/arguments.pt'],
  ]);
  const files = [packed, int8, await fixture('zoo', 'tensors.safetensors')];
  const endOfHeader = (file: Uint8Array) =>
    8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const pickles = zips.map(
    (zip) => Object.entries(unzipSync(zip)).find(([name]) => name.endsWith('data.pkl'))![1],
  );
  const writeWeights = await fileWriter(join(folder, 'weights'), 'model.safetensors');
  const path = await writeWeights(bare);
  const beside = await Promise.all(
    ['config.json', 'preprocessor_config.json'].map((name) => fileWriter(join(folder, 'weights'), name)),
  );
  return [
    {
      name: 'safetensors',
      bases: [packed, bare, int8, await fixture('zoo', 'tensors.safetensors')],
      parse: open,
    },
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

/** The file of a network of 8 bits. */
async function quantizedFile(network: Network): Promise<Uint8Array> {
  const calibration = tf.randomNormal<tf.Rank.R4>([2, 32, 32, 1], 0, 1, 'float32', 1);
  const quantized = await quantize(network, { calibration, method: 'max' });
  const { tensors, metadata } = packInt8({ network: quantized.network });
  calibration.dispose();
  quantized.network.dispose();
  return writeSafetensors(tensors, metadata);
}
