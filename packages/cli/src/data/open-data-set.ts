import { defined } from '@resnet/core';
import type { Dataset } from '@resnet/data';
import { openDataset } from '@resnet/data/node';

export interface SourceOptions {
  dataset?: string;
  part?: string;
  label?: string;
}

/** The data set that a command is given as its source. @throws as `openDataset` */
export async function openSource(source: string, { dataset, part, label }: SourceOptions): Promise<Dataset> {
  return openDataset(source, defined({ kind: dataset, part, label }));
}
