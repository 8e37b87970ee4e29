import type { PaperRow, PaperTable } from './paper-table.js';

/** The same maps at all depths (Table 1). */
const outputSizes = [112, 56, 28, 14, 7, 1] as const;

const table1: PaperTable = {
  number: 1,
  title: 'Architectures for ImageNet',
  columns: ['layers', 'outputSizes', 'blocks', 'multiplyAdds'],
  rows: [
    architecture(18, [2, 2, 2, 2], 1.8e9),
    architecture(34, [3, 4, 6, 3], 3.6e9),
    architecture(50, [3, 4, 6, 3], 3.8e9),
    architecture(101, [3, 4, 23, 3], 7.6e9),
    architecture(152, [3, 8, 36, 3], 11.3e9),
  ],
};

const table2: PaperTable = {
  number: 2,
  title: 'Plain and residual networks on ImageNet',
  test: { set: 'ImageNet validation', view: '10-crop' },
  columns: ['top1Error'],
  rows: [
    { method: 'plain, 18 layers', network: { name: 'plain18' }, published: { top1Error: 27.94 } },
    { method: 'plain, 34 layers', network: { name: 'plain34' }, published: { top1Error: 28.54 } },
    { method: 'ResNet, 18 layers', network: resnet(18, 'A'), published: { top1Error: 27.88 } },
    { method: 'ResNet, 34 layers', network: resnet(34, 'A'), published: { top1Error: 25.03 } },
  ],
};

const table3: PaperTable = {
  number: 3,
  title: 'Shortcut options and depths on ImageNet',
  test: { set: 'ImageNet validation', view: '10-crop' },
  columns: ['top1Error', 'top5Error'],
  rows: [
    {
      method: 'VGG-16',
      network: { name: 'vgg16' },
      published: { multiplyAdds: 15.3e9, top1Error: 28.07, top5Error: 9.33 },
      note: "the paper's own test of it; its multiply-adds are in Section 4.1",
    },
    { method: 'GoogLeNet', published: { top5Error: 9.15 } },
    { method: 'PReLU-net', published: { top1Error: 24.27, top5Error: 7.38 } },
    { method: 'plain-34', network: { name: 'plain34' }, published: { top1Error: 28.54, top5Error: 10.02 } },
    { method: 'ResNet-34 A', network: resnet(34, 'A'), published: { top1Error: 25.03, top5Error: 7.76 } },
    { method: 'ResNet-34 B', network: resnet(34, 'B'), published: { top1Error: 24.52, top5Error: 7.46 } },
    { method: 'ResNet-34 C', network: resnet(34, 'C'), published: { top1Error: 24.19, top5Error: 7.4 } },
    { method: 'ResNet-50', network: resnet(50, 'B'), published: { top1Error: 22.85, top5Error: 6.71 } },
    { method: 'ResNet-101', network: resnet(101, 'B'), published: { top1Error: 21.75, top5Error: 6.05 } },
    { method: 'ResNet-152', network: resnet(152, 'B'), published: { top1Error: 21.43, top5Error: 5.71 } },
  ],
};

const table4: PaperTable = {
  number: 4,
  title: 'Single models on ImageNet',
  test: { set: 'ImageNet validation', view: 'multi-scale' },
  columns: ['top1Error', 'top5Error'],
  rows: [
    { method: "VGG (ILSVRC'14)", published: { top5Error: 8.43 }, note: 'on the test set' },
    { method: "GoogLeNet (ILSVRC'14)", published: { top5Error: 7.89 } },
    { method: 'VGG (v5)', published: { top1Error: 24.4, top5Error: 7.1 }, decimals: 1 },
    { method: 'PReLU-net', published: { top1Error: 21.59, top5Error: 5.71 } },
    { method: 'BN-inception', published: { top1Error: 21.99, top5Error: 5.81 } },
    { method: 'ResNet-34 B', network: resnet(34, 'B'), published: { top1Error: 21.84, top5Error: 5.71 } },
    { method: 'ResNet-34 C', network: resnet(34, 'C'), published: { top1Error: 21.53, top5Error: 5.6 } },
    { method: 'ResNet-50', network: resnet(50, 'B'), published: { top1Error: 20.74, top5Error: 5.25 } },
    { method: 'ResNet-101', network: resnet(101, 'B'), published: { top1Error: 19.87, top5Error: 4.6 } },
    { method: 'ResNet-152', network: resnet(152, 'B'), published: { top1Error: 19.38, top5Error: 4.49 } },
  ],
};

const table5: PaperTable = {
  number: 5,
  title: 'Ensembles on ImageNet',
  test: { set: 'ImageNet test', view: 'multi-scale' },
  columns: ['top5Error'],
  rows: [
    { method: "VGG (ILSVRC'14)", published: { top5Error: 7.32 } },
    { method: "GoogLeNet (ILSVRC'14)", published: { top5Error: 6.66 } },
    { method: 'VGG (v5)', published: { top5Error: 6.8 }, decimals: 1 },
    { method: 'PReLU-net', published: { top5Error: 4.94 } },
    { method: 'BN-inception', published: { top5Error: 4.82 } },
    {
      method: "ResNet (ILSVRC'15)",
      ensemble: { count: 6, including: { resnet152: 2 } },
      published: { top5Error: 3.57 },
      note: 'six residual networks of different depth, two of them of 152 layers',
    },
  ],
};

const table6: PaperTable = {
  number: 6,
  title: 'CIFAR-10, trained with augmentation',
  test: { set: 'CIFAR-10 test', view: 'single view' },
  columns: ['layers', 'parameters', 'top1Error', 'meanTop1Error'],
  rows: [
    { method: 'Maxout', published: { top1Error: 9.38 } },
    { method: 'NIN', published: { top1Error: 8.81 } },
    { method: 'DSN', published: { top1Error: 8.22 } },
    { method: 'FitNet', published: { layers: 19, parameters: 2.5e6, top1Error: 8.39 } },
    {
      method: 'Highway',
      network: { name: 'highway19' },
      published: {
        layers: 19,
        parameters: 2.3e6,
        top1Error: 7.54,
        meanTop1Error: { mean: 7.72, deviation: 0.16 },
      },
    },
    {
      method: 'Highway',
      network: { name: 'highway32' },
      published: { layers: 32, parameters: 1.25e6, top1Error: 8.8 },
      note: 'its stages are a reconstruction from what its authors say',
    },
    residualOnCifar(20, { parameters: 0.27e6, top1Error: 8.75 }),
    residualOnCifar(32, { parameters: 0.46e6, top1Error: 7.51 }),
    residualOnCifar(44, { parameters: 0.66e6, top1Error: 7.17 }),
    residualOnCifar(56, { parameters: 0.85e6, top1Error: 6.97 }),
    residualOnCifar(110, {
      parameters: 1.7e6,
      top1Error: 6.43,
      meanTop1Error: { mean: 6.61, deviation: 0.16 },
    }),
    residualOnCifar(1202, { parameters: 19.4e6, top1Error: 7.93 }),
  ],
};

/** Tables 1 to 6 of the paper: networks. `detectionTables` has the others. */
export const paperTables: readonly PaperTable[] = [table1, table2, table3, table4, table5, table6];

function architecture(layers: number, blocks: readonly number[], multiplyAdds: number): PaperRow {
  return {
    method: `${layers}-layer`,
    network: { name: `resnet${layers}` },
    published: { layers, outputSizes, blocks, multiplyAdds },
  };
}

function resnet(depth: number, shortcut: 'A' | 'B' | 'C'): NonNullable<PaperRow['network']> {
  return { name: `resnet${depth}`, options: { shortcut } };
}

function residualOnCifar(layers: number, published: PaperRow['published']): PaperRow {
  return {
    method: 'ResNet',
    network: { name: `resnet${layers}`, options: { shortcut: 'A' } },
    published: { layers, ...published },
  };
}
