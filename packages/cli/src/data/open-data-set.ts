import { defined } from '@resnet/core';
import type { Dataset } from '@resnet/data';
import { datasetNames, openDataset } from '@resnet/data/node';
import { checkName } from '../shared/options/check-name.js';

export interface SourceOptions {
  dataset?: string;
  part?: string;
  label?: string;
}

/** The data set that a command is given as its source. @throws as `openDataset` */
export async function openSource(source: string, { dataset, part, label }: SourceOptions): Promise<Dataset> {
  const kind = dataset === undefined ? undefined : checkName('kind of data set', dataset, datasetNames());
  return openDataset(source, defined({ kind, part, label }));
}
