import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { readSafetensors } from './safetensors.js';
import { isTorch, readTorchCheckpoint, type TorchOptions } from './torch/torch.js';

export type WeightsFormat = 'safetensors' | 'torch';

export interface Weights {
  format: WeightsFormat;
  tensors: StateDict;
  /** The metadata of a safetensors file, or the texts beside a state dict saved by PyTorch: `arch`. */
  metadata: Record<string, string>;
  /** The key of the tensors in a checkpoint, if it holds more than them. */
  key?: string;
  /** What a config.json beside the file says, as timm and transformers write it. */
  config?: Record<string, unknown>;
  /** Names of what lies beside the tensors in a file of PyTorch's, and is not read: 'epoch', 'optimizer'. */
  leftOut?: readonly string[];
}

/**
 * Reads a file of weights of any format that this package knows, which it finds by looking at the bytes:
 * safetensors, or a state dict saved by PyTorch.
 *
 * @param options.key of a checkpoint of PyTorch's with several dicts of tensors, the one to read
 * @returns tensors as float32 in PyTorch's layouts, under the names in the file, copied out of `bytes`
 * @throws WEIGHTS_INVALID if the format is another one, or as `readSafetensors` and `readTorch` do
 * @throws WEIGHTS_FORBIDDEN as `readTorch` does
 * @throws UNKNOWN_NAME if nothing is under the key
 */
export function readWeights(bytes: Uint8Array, options: TorchOptions = {}): Weights {
  if (isTorch(bytes)) return { format: 'torch', ...readTorchCheckpoint(bytes, options) };
  if (options.key !== undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      `A key (${quote(options.key)}) chooses among the dicts of a checkpoint of PyTorch's, and this file is none.`,
    );
  }
  // A safetensors header is preceded by its length in 8 bytes.
  if (bytes[8] === 0x7b) return { format: 'safetensors', ...readSafetensors(bytes) };
  throw new ResnetError(
    'WEIGHTS_INVALID',
    `Expected weights as safetensors or saved by PyTorch (torch.save), found ${describe(bytes)}.`,
  );
}

/** Formats that are often given by mistake, by the beginning of their text or, in hexadecimal, of their bytes. */
const others: [RegExp, string][] = [
  [
    /^\s*<(!doctype|html|\?xml|head)/i,
    'an HTML page: a failed download, or the address of a page about the file',
  ],
  [/^version https:\/\/git-lfs/, "a Git LFS pointer, not the file itself; fetch that with 'git lfs pull'"],
  [/^\s*[{[]/, 'JSON text'],
];
const binaryOthers: [RegExp, string][] = [
  [/^894844460d0a/, 'an HDF5 file, as Keras writes; in Python, save its tensors as safetensors'],
  [/^1f8b/, 'a gzip file; unpack it first'],
  [/^934e554d5059/, 'a NumPy array; in Python, save all tensors of a network together as safetensors'],
  [
    /^08[01].(12|1a|22|2a|32|3a|42)/,
    'what looks like an ONNX model, which this project writes but does not read; give the weights that it was made from',
  ],
  [
    /^800[0-5]/,
    'a Python pickle that torch.save did not write; load it in Python and save it as safetensors',
  ],
];

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const head = [...bytes.subarray(0, 64)];
  const text = String.fromCharCode(...head);
  const hex = head.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const other =
    others.find(([pattern]) => pattern.test(text)) ?? binaryOthers.find(([pattern]) => pattern.test(hex));
  if (other !== undefined) return other[1];
  const isText = head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d);
  return `a file that begins with ${isText ? quote(text.slice(0, 24)) : `the bytes ${hex.slice(0, 16)}`}`;
}
