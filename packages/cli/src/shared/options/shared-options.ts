import { type Command, Option } from 'commander';
import { anyInteger, integer, integers, positive, shares } from './parse-values.js';

/** An option whose value is parsed. */
export function parsed(flags: string, description: string, parse: (text: string) => unknown): Option {
  return new Option(flags, description).argParser(parse);
}

/** What may be given where weights are asked for. */
export const weightsText =
  'a file of safetensors or PyTorch, or a name: resnet18 (downloaded and kept), @resnet/weights-cifar10 (installed)';

/** @param use what the command says besides of its weights */
export function weightsOption(value: '<file>' | '<file...>', use: string): Option {
  return new Option(`--weights ${value}`, `${weightsText}${use}`);
}

const key = new Option('--key <name>', 'of a checkpoint with several dicts of tensors, the one to take');

const size = parsed(
  '--size <pixels>',
  "side of the images that the network sees (default: the weights' or the network's)",
  integer(1),
);

const setNames = 'cifar10, cifar100, digits, folder, imagenet, parquet or shards';

/** The options that several commands take, so that all explain them in the same words. */
const shared = {
  key: [key],
  size: [size],
  /** How weights are opened, where they don't tell. */
  opening: [
    new Option('--model <name>', "the network, if the weights don't tell"),
    key,
    size,
    parsed('--mean <a,b,c>', 'mean of each channel, 0 to 1, if the weights have none', shares),
    parsed('--std <a,b,c>', 'standard deviation of each channel, 0 to 1', shares),
  ],
  data: [
    new Option('--dataset <name>', `${setNames} (required)`),
    new Option(
      '--data <path>',
      "CIFAR's .tar.gz or folder; ImageNet's folder; a folder of Parquet files, or of tar shards (also the URL of their index.json); or a folder with train and val, which hold a folder of images for each class (without train and val, all images are for `eval`, or are split by `train --hold-out`)",
    ),
    new Option('--download', 'download CIFAR into the folder given by --data, unless it is there'),
  ],
  /** What a source of images is, where looking at it does not tell. */
  kind: [new Option('--dataset <kind>', `${setNames} (default: found out by looking)`)],
  limit: [parsed('--limit <count>', 'only the first images of the test data', integer(1))],
  batch: [parsed('--batch-size <count>', 'images that are computed at a time', integer(1)).default(128)],
  skipBroken: [
    new Option('--skip-broken', 'leave out broken images and name them, instead of ending with an error'),
  ],
  workers: [parsed('--workers <count>', 'threads that read and prepare images (default: 0)', integer(0))],
  /** Where to compute. */
  backend: [
    new Option(
      '--backend <name>',
      'where to compute: auto (the first that works of the others), node-gpu, webgpu, node, wasm, cpu',
    ).default('auto'),
    parsed('--threads <count>', 'threads of wasm (default: one a core)', integer(1)),
    new Option('--adapter <name>', 'the GPU for webgpu, by a part of its name (default: the fastest)'),
  ],
  engine: [
    new Option(
      '--engine <name>',
      "tfjs (this project's kernels) or onnxruntime, where it is installed",
    ).default('tfjs'),
  ],
  schedule: [
    parsed('--iterations <count>', 'steps of each training; the schedule is stretched to them', integer(1)),
    parsed('--epochs <count>', 'the same, as the number of times that each image is seen', positive),
    parsed('--batch-size <count>', 'images of a step', integer(1)),
    parsed('--learning-rate <rate>', 'the highest, which the schedule multiplies', positive),
    parsed('--milestones <a,b>', 'iterations at which the learning rate is divided by 10', integers),
  ],
  seed: [parsed('--seed <integer>', 'decides weights, order and augmentation', anyInteger)],
  force: [new Option('--force', 'replace files that are there already; without it they are an error')],
  json: [new Option('--json', 'print one JSON document and nothing else on the standard output')],
};

/** Adds options of a command, in this order: its own, and shared ones by their names. */
export function addOptions(command: Command, ...options: (Option | keyof typeof shared)[]): Command {
  for (const option of options) {
    for (const each of option instanceof Option ? [option] : shared[option]) command.addOption(each);
  }
  return command;
}

/**
 * Refuses a command line without these options. Commander's own check comes before that for unknown options, and
 * so would say of a misspelt option that it is missing.
 */
export function requireOptions(command: Command, ...names: string[]): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (names.includes(name) && command.getOptionValue(name) === undefined) {
      command.error(`error: required option '${option.flags}' not specified`);
    }
  }
}
