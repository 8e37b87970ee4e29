/** A table of the paper whose rows need data and training that nobody has done here: its numbers, and the commands that would do it. */
export interface DetectionTable {
  number: number;
  title: string;
  /** What the numbers are, in percent: of mAP the highest is best, of errors the lowest. */
  columns: readonly string[];
  rows: readonly DetectionRow[];
}

export interface DetectionRow {
  method: string;
  /** One for each column, in percent; undefined where the paper has none. */
  values: readonly (number | undefined)[];
  /** What trains or tests it here. */
  command?: string;
}

const train = (network: string, recipe: string) => `detect train ${network}-c4 --recipe ${recipe}`;

const table7: DetectionTable = {
  number: 7,
  title: 'Detection on PASCAL VOC, Faster R-CNN',
  columns: ['mAP on VOC 07 test', 'mAP on VOC 12 test'],
  rows: [
    { method: 'VGG-16', values: [73.2, 70.4], command: train('vgg16', 'voc-paper') },
    { method: 'ResNet-101', values: [76.4, 73.8], command: train('resnet101', 'voc-paper') },
  ],
};

const table8: DetectionTable = {
  number: 8,
  title: 'Detection on COCO, Faster R-CNN (validation set)',
  columns: ['mAP@.5', 'mAP@[.5, .95]'],
  rows: [
    { method: 'VGG-16', values: [41.5, 21.2], command: train('vgg16', 'coco-paper') },
    { method: 'ResNet-101', values: [48.4, 27.2], command: train('resnet101', 'coco-paper') },
  ],
};

const table9: DetectionTable = {
  number: 9,
  title: 'Improvements of detection on COCO, one after another',
  columns: ['val mAP@.5', 'val mAP@[.5, .95]', 'test-dev mAP@.5', 'test-dev mAP@[.5, .95]'],
  rows: [
    { method: 'VGG-16', values: [41.5, 21.2, undefined, undefined], command: train('vgg16', 'coco-paper') },
    {
      method: 'ResNet-101',
      values: [48.4, 27.2, undefined, undefined],
      command: train('resnet101', 'coco-paper'),
    },
    {
      method: '+ box refinement',
      values: [49.9, 29.9, undefined, undefined],
      command: 'detect eval --refine',
    },
    { method: '+ context', values: [51.1, 30.0, 53.3, 32.2], command: "fasterRcnn's head.hasContext" },
    {
      method: '+ multi-scale testing',
      values: [53.8, 32.5, 55.7, 34.9],
      command: 'detect eval --scales 200,400,600,800,1000',
    },
    {
      method: 'ensemble of 3',
      values: [undefined, undefined, 59.0, 37.4],
      command: 'detect eval --weights A B C',
    },
  ],
};

const improved = 'detect eval --refine --scales 200,400,600,800,1000';

/** Its numbers for each class are not repeated here. */
const table10: DetectionTable = {
  number: 10,
  title: 'Detection on PASCAL VOC 2007 test',
  columns: ['mAP'],
  rows: [
    { method: 'VGG-16', values: [73.2], command: train('vgg16', 'voc-paper') },
    { method: 'ResNet-101', values: [76.4], command: train('resnet101', 'voc-paper') },
    { method: 'baseline+++, trained on COCO too', values: [85.6], command: improved },
  ],
};

/** Its numbers for each class are not repeated here. */
const table11: DetectionTable = {
  number: 11,
  title: 'Detection on PASCAL VOC 2012 test',
  columns: ['mAP'],
  rows: [
    { method: 'VGG-16', values: [70.4], command: train('vgg16', 'voc-paper') },
    { method: 'ResNet-101', values: [73.8], command: train('resnet101', 'voc-paper') },
    { method: 'baseline+++, trained on COCO too', values: [83.8], command: improved },
  ],
};

const table12: DetectionTable = {
  number: 12,
  title: 'Detection on ImageNet DET (200 classes)',
  columns: ['val2 mAP@.5', 'test mAP@.5'],
  rows: [
    { method: 'GoogLeNet, ILSVRC 14', values: [undefined, 43.9] },
    { method: 'ResNet-101, single model', values: [60.5, 58.8], command: improved },
    { method: 'ResNet-101, ensemble of 3', values: [63.6, 62.1], command: 'detect eval --weights A B C' },
  ],
};

const localization = 'localizationError of @resnet/boxes';

const table13: DetectionTable = {
  number: 13,
  title: 'Localization on ImageNet (validation set), by ResNet-101 but for VGG-16',
  columns: ['error on the true class', 'top-5 error'],
  rows: [
    { method: 'VGG-16, 1 crop', values: [33.1, undefined] },
    { method: 'RPN, 1 crop', values: [13.3, undefined], command: localization },
    { method: 'RPN, dense', values: [11.7, undefined], command: localization },
    {
      method: 'RPN, dense, classes by ResNet-101',
      values: [undefined, 14.4],
      command: localization,
    },
    {
      method: 'RPN + R-CNN, classes by ResNet-101',
      values: [undefined, 10.6],
      command: localization,
    },
    { method: 'RPN + R-CNN, ensembles of both', values: [undefined, 8.9], command: localization },
  ],
};

const table14: DetectionTable = {
  number: 14,
  title: 'Localization on ImageNet, compared with others',
  columns: ['val top-5 error', 'test top-5 error'],
  rows: [
    { method: 'OverFeat, ILSVRC 13', values: [30.0, 29.9] },
    { method: 'GoogLeNet, ILSVRC 14', values: [undefined, 26.7] },
    { method: 'VGG, ILSVRC 14', values: [26.9, 25.3] },
    { method: 'ResNet, ILSVRC 15', values: [8.9, 9.0], command: localization },
  ],
};

/** Tables 7 to 14 of the paper: detection (Section 4.3, Appendices A and B) and localization (Appendix C). */
export const detectionTables: readonly DetectionTable[] = [
  ...[table7, table8, table9, table10, table11, table12, table13, table14],
];
