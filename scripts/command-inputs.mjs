// Makes, in the current folder, the files that the commands in the documentation and the help name: small, of noise and drawings,
// with untrained networks. For scripts/check-commands.mjs, in a clone that is built.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { CIFAR10_CLASSES, IMAGENET_CLASSES, IMAGENET_NORMALIZATION } from '@resnet/data';
import { namedDetector, packDetector } from '@resnet/detection';
import { create, packModel, writeSafetensors } from '@resnet/zoo';
import sharp from 'sharp';

const CIFAR_IMAGES = 256;
const random = new Random(1);
const bytes = (count) => Uint8Array.from({ length: count }, () => random.int(256));

await images();
await objects();
cifar();
await weights();
runs();
cpSync('packages/data/fixtures/cifar100-huggingface.parquet', 'train-00000-of-00001.parquet');

async function images() {
  const draw = (path, width, height) =>
    sharp(bytes(width * height * 3), { raw: { width, height, channels: 3 } }).toFile(path);
  const folders = [
    'photos',
    ...['train', 'val'].flatMap((part) => [`photos/${part}/cat`, `photos/${part}/dog`]),
  ];
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    for (const name of ['one.png', 'two.jpg', 'three.png']) await draw(`${folder}/${name}`, 250, 240);
  }
  for (const path of ['cat.jpg', 'cat.png', 'dog.jpg']) await draw(path, 300, 260);
  await draw('seven.png', 28, 28);
}

/** Sets with objects, in the layouts of PASCAL VOC and COCO. */
async function objects() {
  const write = (path, text) => {
    mkdirSync(path.split('/').slice(0, -1).join('/'), { recursive: true });
    writeFileSync(path, text);
  };
  const picture = await sharp(bytes(60 * 40 * 3), { raw: { width: 60, height: 40, channels: 3 } })
    .jpeg()
    .toBuffer();
  const box = '<bndbox><xmin>5</xmin><ymin>6</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>';
  const size = '<size><width>60</width><height>40</height></size>';
  const voc = 'VOCdevkit/VOC2007';
  write(
    `${voc}/Annotations/000005.xml`,
    `<annotation>${size}<object><name>chair</name>${box}</object></annotation>`,
  );
  for (const part of ['trainval', 'test']) write(`${voc}/ImageSets/Main/${part}.txt`, '000005\n');
  write(`${voc}/JPEGImages/000005.jpg`, picture);
  const coco = {
    images: [{ id: 139, file_name: '000000000139.jpg', width: 60, height: 40 }],
    categories: [{ id: 62, name: 'chair' }],
    annotations: [{ id: 1, image_id: 139, category_id: 62, bbox: [4, 5, 26, 35], area: 700, iscrowd: 0 }],
  };
  write('coco/annotations/instances_val2017.json', JSON.stringify(coco));
  write('coco/val2017/000000000139.jpg', picture);
}

/** CIFAR-10's binary version, in the folders that examples name, and as an archive. */
function cifar() {
  const folder = 'cifar-10-batches-bin';
  mkdirSync(folder);
  const names = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
  for (const name of [...names, 'test_batch.bin']) {
    const records = bytes(CIFAR_IMAGES * 3073);
    for (let index = 0; index < CIFAR_IMAGES; index++) records[index * 3073] = index % 10;
    writeFileSync(`${folder}/${name}`, records);
  }
  writeFileSync(`${folder}/batches.meta.txt`, `${CIFAR10_CLASSES.join('\n')}\n`);
  execFileSync('tar', ['-czf', 'cifar-10-binary.tar.gz', folder]);
  for (const copy of ['cifar', 'data']) cpSync(folder, copy, { recursive: true });
}

/** Files of weights by content are safetensors, whatever their names end in. */
async function weights() {
  const backend = await useBackend('cpu');
  const save = async (name, options, extra, ...paths) => {
    const network = create(name, options);
    const { tensors, metadata } = await packModel({ network, ...extra });
    for (const path of paths) {
      mkdirSync(path.split('/').slice(0, -1).join('/') || '.', { recursive: true });
      writeFileSync(path, writeSafetensors(tensors, metadata));
    }
    network.dispose();
  };
  const ofCifar = { classNames: [...CIFAR10_CLASSES], normalization: IMAGENET_NORMALIZATION };
  const ofImagenet = {
    classNames: IMAGENET_CLASSES.map(({ names }) => names[0]),
    normalization: IMAGENET_NORMALIZATION,
  };
  const ofDigits = {
    classNames: [...'0123456789'],
    normalization: { mean: Float32Array.of(0.1), std: Float32Array.of(0.3) },
  };
  const akamasters = ['resnet20-12fca82f.th', 'runs/resnet20-cifar10/model.safetensors'];
  await save('resnet20', {}, ofCifar, ...akamasters);
  await save('resnet32', {}, ofCifar, 'resnet32-d509ac18.th');
  await save('plain20', {}, ofCifar, 'plain20.safetensors', 'other.pt');
  await save('resnet20', { inChannels: 1 }, ofDigits, 'runs/resnet20-digits/model.safetensors');
  const ofPhotos = { classNames: ['cat', 'dog'], normalization: IMAGENET_NORMALIZATION };
  await save('resnet18', { classes: 2 }, ofPhotos, 'runs/resnet18-folder/model.safetensors');
  await save('resnet50', {}, ofImagenet, 'resnet50.safetensors', 'resnet50.pth', 'caffe.pth');
  const detector = namedDetector('resnet18-small', { classes: 1 });
  const ofChairs = { detector, classNames: ['chair'], normalization: IMAGENET_NORMALIZATION };
  const { tensors, metadata } = await packDetector(ofChairs);
  mkdirSync('runs/resnet18-small', { recursive: true });
  writeFileSync('runs/resnet18-small/best.safetensors', writeSafetensors(tensors, metadata));
  detector.dispose();
  backend.dispose();
}

/** Runs as `npm start` has left one. */
function runs() {
  const names = [
    'resnet18-folder',
    'resnet20-digits',
    'resnet20-cifar10',
    'plain20-cifar10',
    'plain56-cifar10',
  ];
  for (const name of names) cpSync('runs/digits/metrics.jsonl', `runs/${name}/metrics.jsonl`);
}
