/**
 * Stands for other objects in a checkpoint: the counter of a scheduler, a torch.Size, a set. Nothing is made or run for it, and what
 * a pickle puts into it is dropped.
 */
export class TorchPlaceholder {
  constructor(
    /** What it stands for: 'collections.Counter'. */
    readonly name: string,
    /** Why its values are not read, if it stands for a tensor. */
    readonly unreadTensor?: string,
  ) {}

  /** pickleparser puts entries of dicts with this. */
  set(): void {}

  /** pickleparser puts items of lists with this. */
  push(): void {}
}

const dtype = /^torch\.(bool|(u?int|float|bfloat|complex|bcomplex|bits|qu?int)\d\w*)$/;
const tensorType = /^torch\.(cuda\.)?(sparse\.)?[A-Z]\w*Tensor$/;

/** Python 2 and the pickles of protocol 2 have another name for the module `builtins`. */
const builtin = /^(builtins|__builtin__)\.(set|frozenset|bytearray|bytes|complex)$/;
const scheme = /^torch\.per_(tensor|channel)_(affine|symmetric|affine_float_qparams)$/;
const numpy = /^numpy\.(dtype|ndarray|_?core\.multiarray\.(scalar|_reconstruct))$/;

const others = new Set([
  'collections.Counter',
  'collections.defaultdict',
  '_codecs.encode',
  'torch.Size',
  'torch.device',
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.serialization._get_layout',
  // Not for torch.load(weights_only=True), but what training scripts keep.
  'argparse.Namespace',
  'pathlib.PosixPath',
  'pathlib.WindowsPath',
]);

/**
 * Whether a global of Python's is one that checkpoints hold beside their tensors: those of torch.load(weights_only=True), and
 * numpy's arrays, paths and the arguments of a command line, which training scripts keep.
 */
export function isInert(name: string): boolean {
  return others.has(name) || [dtype, tensorType, builtin, scheme, numpy].some((known) => known.test(name));
}
