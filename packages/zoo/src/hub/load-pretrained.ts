import type { StrideOn } from '@resnet/blocks';
import { ResnetError, unknownName } from '@resnet/core';
import { defined } from '../defined.js';
import { type Model, openModel } from '../model/model.js';
import { namingFile } from '../naming-file.js';
import { readWeights, type Weights } from '../weights/format.js';
import { type DownloadOptions, download } from './download.js';
import type { HubHost } from './host.js';
import { type PretrainedFile, pretrainedFiles } from './pretrained-files.js';
import { describeFile, type FileReference, isCommit } from './repository-file.js';

export interface PretrainedOptions extends DownloadOptions {
  /** Of a repository that is not in the table: the file. Default 'model.safetensors'. */
  path?: string;
  /** Of a repository that is not in the table: a commit, branch or tag. Default 'main'. */
  revision?: string;
  /** Of a repository that is not in the table: the network's name, where the weights don't tell. */
  network?: string;
  /** Of a repository that is not in the table: which convolution of a bottleneck has the stride, as for `openModel`. */
  strideOn?: StrideOn;
  /** Side of the images in pixels. Default: what the table or the weights say, else the one that the network is designed for. */
  imageSize?: number;
}

/** `loadPretrained`, for any platform. */
export async function load(name: string, options: PretrainedOptions, host: HubHost): Promise<Model> {
  const known = entryOf(name, options);
  const { network, strideOn } = known ?? options;
  const { imageSize } = options;
  const { file, bytes } = await download(known?.file ?? referenceOf(name, options), options, host);
  const model = namingFile(describeFile(file), () =>
    openModel(weightsOf(file, known, bytes), defined({ name: network, strideOn, imageSize })),
  );
  if (!known) return model;
  const origin = { ...model.origin, normalization: `the table of pretrained files: ${file.repository}` };
  return { ...model, origin };
}

/** The weights with a configuration as if it lay beside the file. timm's repositories have the architecture in their names. */
function weightsOf(
  { repository }: FileReference,
  known: PretrainedFile | undefined,
  bytes: Uint8Array,
): Weights {
  const architecture = known?.network ?? /^timm\/([^/]+)$/.exec(repository)?.[1];
  if (architecture === undefined) return readWeights(bytes);
  return { ...readWeights(bytes), config: { architecture, ...(known ? imagesOf(known) : {}) } };
}

/** In the fields of timm's configurations. */
function imagesOf({ normalization: { mean, std }, input: { size, crop, interpolation } }: PretrainedFile) {
  return {
    ...{ mean: Array.from(mean), std: Array.from(std) },
    ...{ input_size: [mean.length, size, size], crop_pct: crop, interpolation },
  };
}

/** The table's entry for a name or a repository, unless the user chooses something else of that repository. */
function entryOf(name: string, options: PretrainedOptions): PretrainedFile | undefined {
  const special = (['path', 'revision', 'network', 'strideOn'] as const).filter(
    (option) => options[option] !== undefined,
  );
  if (name.includes('/')) {
    const entry = Object.values(pretrainedFiles).find(({ file }) => file.repository === name);
    return special.length === 0 ? entry : undefined;
  }
  if (!Object.hasOwn(pretrainedFiles, name)) {
    throw unknownName('pretrained network', name, [...Object.keys(pretrainedFiles), 'owner/repository']);
  }
  if (special.length > 0) {
    const message = `The option ${special[0]} is for repositories, as 'owner/repository'; '${name}' is fixed.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  return pretrainedFiles[name];
}

function referenceOf(
  repository: string,
  { path = 'model.safetensors', revision }: PretrainedOptions,
): FileReference {
  return { repository, path, ...(isCommit(revision) ? { commit: revision } : defined({ revision })) };
}
