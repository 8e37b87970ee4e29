import { parquetParts, readParquet } from '../formats/parquet/read-parquet.js';
import { IMAGENET_NORMALIZATION } from '../statistics/normalization.js';
import type { DatasetEntry, OpenRequest } from './entry.js';
import { partFor } from './parts.js';

export const parquet: DatasetEntry = {
  description: 'Parquet files',
  recognizes: ({ isFolder, name, files }) =>
    (isFolder ? files : [name]).some((file) => file.endsWith('.parquet')),
  async open(path, request) {
    return readParquet(path, { part: await chosenPart(path, request), label: request.label });
  },
  hasLabelColumns: true,
  usual: { recipe: 'imagenet-torchvision', normalization: () => IMAGENET_NORMALIZATION },
};

async function chosenPart(path: string, request: OpenRequest): Promise<string | undefined> {
  if (request.part !== undefined || request.purpose === undefined) return request.part;
  return partFor(path, await parquetParts(path), request, {
    noun: 'Parquet files of a part',
    whole: () => 'files without parts',
  });
}
