import { fileURLToPath } from 'node:url';
import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { openRegularFile, readUpTo, type WriteOptions, writeWholeFile } from '@resnet/files/node';
import { type Int8Model, openInt8, packInt8 } from './int8/file.js';
import { type Model, type OpenOptions, openModel, packModel } from './model/model.js';
import { configBeside } from './model/read-config.js';
import { namingFile } from './naming-file.js';
import { readWeights, type Weights } from './weights/format.js';
import { type SafetensorsOptions, writeSafetensors } from './weights/safetensors.js';
import type { TorchOptions } from './weights/torch/torch.js';

export { writeWholeFile };

/** How tensors are stored, and whether a file that is there is replaced, as it is by default. */
export type SaveOptions = SafetensorsOptions & Pick<WriteOptions, 'replace' | 'signal'>;

const maximumBytes = 4 * 2 ** 30;

/**
 * Reads a file of weights: safetensors, or a state dict saved by PyTorch. The format is found by looking at
 * the bytes, whatever the file is called. A config.json of timm or transformers in its folder is read too.
 *
 * @param options.key of a checkpoint of PyTorch's with several dicts of tensors, the one to read
 * @throws FILE_UNREADABLE if there is no such file, it is a folder, or it is larger than 4 GiB
 * @throws WEIGHTS_INVALID, WEIGHTS_FORBIDDEN and UNKNOWN_NAME as `readWeights` does, naming the file
 */
export async function readWeightsFile(file: string | URL, options: TorchOptions = {}): Promise<Weights> {
  const path = pathOf(file);
  const bytes = await readBytes(path);
  const weights = namingFile(path, () => readWeights(bytes, options));
  const config = await configBeside(path);
  return config === undefined ? weights : { ...weights, config };
}

/**
 * Writes tensors as a safetensors file, creating its folder. The file appears whole or not at all: it is
 * written under a temporary name beside its own, synced and renamed.
 *
 * @throws FILE_UNWRITABLE if the file or its folder can't be written; WEIGHTS_INVALID as `writeSafetensors` does
 */
export async function writeSafetensorsFile(
  path: string,
  tensors: StateDict,
  metadata?: Record<string, string>,
  options: SaveOptions = {},
): Promise<void> {
  await writeWholeFile(path, writeSafetensors(tensors, metadata, options), options);
}

function pathOf(file: string | URL): string {
  return typeof file === 'string' ? file : fileURLToPath(file);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await openRegularFile(path);
    try {
      const found = await file.stat();
      if (found.size > maximumBytes) {
        throw unreadable(path, `it has ${found.size} bytes, more than the ${maximumBytes} that are read`);
      }
      const bytes = await readUpTo(file, found.size);
      if (bytes.length < found.size) {
        throw unreadable(path, `it ended after ${bytes.length} of ${found.size} bytes`);
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreadable(path: string, problem: string, cause?: unknown): ResnetError {
  return new ResnetError('FILE_UNREADABLE', `Can't read weights from ${path}: ${problem}.`, { cause });
}

/**
 * Opens a file of weights as a network that is ready to use, as `openModel` does.
 *
 * @throws as `readWeightsFile` and `openModel` do, naming the file
 */
export async function loadModel(
  file: string | URL,
  options: OpenOptions & TorchOptions = {},
): Promise<Model> {
  const path = pathOf(file);
  const weights = await readWeightsFile(path, options);
  return namingFile(path, () => openModel(weights, options));
}

/**
 * Writes a model as one safetensors file, which `loadModel` and PyTorch read, as it is at the moment of the call.
 *
 * @throws FILE_UNWRITABLE; WEIGHTS_INVALID as `writeSafetensors` does
 */
export async function saveModel(
  path: string,
  model: Omit<Model, 'origin'>,
  options?: SaveOptions,
): Promise<void> {
  const { tensors, metadata } = await packModel(model);
  await writeSafetensorsFile(path, tensors, metadata, options);
}

/**
 * Opens a file of a quantized network's weights, as `openInt8` does.
 *
 * @throws as `readWeightsFile` and `openInt8` do, naming the file
 */
export async function loadInt8Model(file: string | URL): Promise<Int8Model> {
  const path = pathOf(file);
  const weights = await readWeightsFile(path);
  return openInt8(weights).catch((error) =>
    namingFile(path, () => {
      throw error;
    }),
  );
}

/**
 * Writes a quantized model as one safetensors file, which `loadInt8Model` reads.
 *
 * @throws FILE_UNWRITABLE; LAYER_UNSUPPORTED as `packInt8` does
 */
export async function saveInt8Model(
  path: string,
  model: Omit<Int8Model, 'origin'>,
  options: Omit<SaveOptions, 'float16'> = {},
): Promise<void> {
  const { tensors, metadata } = packInt8(model);
  await writeWholeFile(path, writeSafetensors(tensors, metadata), options);
}

export type { ZooErrorCode } from './error-codes.js';
