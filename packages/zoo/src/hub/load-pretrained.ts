import type { StrideOn } from '@resnet/blocks';
import { ResnetError, unknownName } from '@resnet/core';
import { type Model, openModel } from '../model/model.js';
import { readWeights, type Weights } from '../weights/format.js';
import { type DownloadOptions, download } from './download.js';
import type { HubHost } from './host.js';
import { type PretrainedFile, pretrainedFiles } from './pretrained-files.js';
import { describeFile, type FileReference } from './repository-file.js';

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

/** `loadPretrained`, anywhere. */
export async function load(name: string, options: PretrainedOptions, host: HubHost): Promise<Model> {
  const known = entryOf(name, options);
  const network = known?.network ?? options.network;
  const strideOn = known?.strideOn ?? options.strideOn;
  const { imageSize } = options;
  const { file, bytes } = await download(known?.file ?? referenceOf(name, options), options, host);
  const model = namingFile(file, () =>
    openModel(weightsOf(file, known, bytes), {
      ...(network === undefined ? {} : { name: network }),
      ...(strideOn === undefined ? {} : { strideOn }),
      ...(imageSize === undefined ? {} : { imageSize }),
    }),
  );
  if (!known) return model;
  const origin = { ...model.origin, normalization: `the table of pretrained files: ${file.repository}` };
  return { ...model, origin };
}

/** As if what is known of a file lay beside it: timm's repositories are named by what computes with the weights. */
function weightsOf(
  { repository }: FileReference,
  known: PretrainedFile | undefined,
  bytes: Uint8Array,
): Weights {
  const architecture = known?.network ?? /^timm\/([^/]+)$/.exec(repository)?.[1];
  if (architecture === undefined) return readWeights(bytes);
  return { ...readWeights(bytes), config: { architecture, ...(known ? imagesOf(known) : {}) } };
}

/** In timm's words. */
function imagesOf({ normalization: { mean, std }, input: { size, crop, interpolation } }: PretrainedFile) {
  return {
    ...{ mean: Array.from(mean), std: Array.from(std) },
    ...{ input_size: [mean.length, size, size], crop_pct: crop, interpolation },
  };
}

/** What the table has under a name or for a repository, unless the user wants something special of that. */
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
  if (revision === undefined) return { repository, path };
  const isCommit = /^[0-9a-f]{40}$/.test(revision);
  return { repository, path, ...(isCommit ? { commit: revision } : { revision }) };
}

/** Puts the file's name before the message of what goes wrong with its contents. */
function namingFile<T>(file: FileReference, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!ResnetError.is(cause)) throw cause;
    throw new ResnetError(cause.code, `${describeFile(file)}: ${cause.message}`, { cause });
  }
}
