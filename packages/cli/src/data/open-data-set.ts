import { defined, ResnetError } from '@resnet/core';
import type { Dataset, DetectionDataset } from '@resnet/data';
import { detectionKindOf, detectionKinds, openDataset, openDetectionDataset } from '@resnet/data/node';

export interface SourceOptions {
  dataset?: string;
  part?: string;
  label?: string;
}

/** The data set that a command is given as its source. @throws as `openDataset` */
export async function openSource(source: string, { dataset, part, label }: SourceOptions): Promise<Dataset> {
  return openDataset(source, defined({ kind: dataset, part, label }));
}

/** The source, if it is a set with objects. @throws as `openDetectionDataset` */
export async function openObjects(
  source: string,
  { dataset, part, label }: SourceOptions,
): Promise<DetectionDataset | undefined> {
  const isOther = dataset !== undefined && !detectionKinds().includes(dataset);
  const kind = isOther ? undefined : (dataset ?? (await detectionKindOf(source)));
  if (kind === undefined) return undefined;
  if (label !== undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      `label is a column of Parquet files, but '${source}' is of the kind ${kind}. Leave it out.`,
    );
  }
  return openDetectionDataset(source, defined({ kind, part }));
}
