import type { NetworkOptions } from '@resnet/zoo';

/** A table of the paper, as it was published. */
export interface PaperTable {
  number: number;
  /** Its subject. */
  title: string;
  /** How its errors were measured. */
  test?: PaperTest;
  /** Which numbers its rows have, in the order of the paper; a row may lack some. */
  columns: readonly PaperQuantity[];
  rows: readonly PaperRow[];
}

export interface PaperTest {
  set: 'CIFAR-10 test' | 'ImageNet validation' | 'ImageNet test';
  view: 'single view' | '10-crop' | 'multi-scale';
}

/** One row, or one cell where a table has a network in each cell. */
export interface PaperRow {
  /** As the paper calls it, without the reference. */
  method: string;
  /** The same network in this project, as `create` takes it. */
  network?: { name: string; options?: NetworkOptions };
  /** For an ensemble, whose scores are averaged: the number of networks, and of those with certain names. */
  ensemble?: { count: number; including: Readonly<Record<string, number>> };
  published: PaperNumbers;
  /** Of its errors. Default 2. */
  decimals?: number;
  /** A remark on the row. */
  note?: string;
}

export interface PaperNumbers {
  /** Layers with weights. */
  layers?: number;
  /** Height, and width, of what conv1, conv2_x to conv5_x and the average pooling give. */
  outputSizes?: readonly number[];
  /** Building blocks in conv2_x to conv5_x. */
  blocks?: readonly number[];
  parameters?: number;
  /** For one image: what the paper calls FLOPs. */
  multiplyAdds?: number;
  /** In percent, as all errors; the lowest, where there were several runs. */
  top1Error?: number;
  /** Of several runs. */
  meanTop1Error?: PaperMean;
  top5Error?: number;
}

export interface PaperMean {
  mean: number;
  /** Standard deviation. */
  deviation: number;
}

export type PaperQuantity = keyof PaperNumbers;
