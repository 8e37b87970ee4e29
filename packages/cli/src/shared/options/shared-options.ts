import { type Command, Option } from 'commander';
import { anyInteger, integer, integers, positive, shares } from './parse-values.js';

/** Where to compute. */
export function addBackendOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--backend <name>',
        'where to compute: auto (the first that works of the others), node-gpu, webgpu, node, wasm, cpu',
      ).default('auto'),
    )
    .addOption(new Option('--threads <count>', 'threads of wasm (default: one a core)').argParser(integer(1)))
    .option('--adapter <name>', 'the GPU that webgpu takes, by a part of its name (default: the fastest)');
}

/** What computes. */
export function addEngineOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--engine <name>',
      "tfjs (this project's kernels) or onnxruntime, where it is installed",
    ).default('tfjs'),
  );
}

/** Numbers of a recipe. @param iterationsText what is said of --iterations */
export function addScheduleOptions(command: Command, iterationsText: string): Command {
  return command
    .addOption(new Option('--iterations <count>', iterationsText).argParser(integer(1)))
    .addOption(
      new Option('--epochs <count>', 'the same, as times that each image is seen').argParser(positive),
    )
    .addOption(new Option('--batch-size <count>', 'images a step').argParser(integer(1)))
    .addOption(
      new Option('--learning-rate <rate>', 'what the schedule multiplies: the highest').argParser(positive),
    )
    .addOption(
      new Option('--milestones <a,b>', 'iterations at which the rate is divided by 10').argParser(integers),
    );
}

export function addSeedOption(command: Command): Command {
  return command.addOption(
    new Option('--seed <integer>', 'decides weights, order and augmentation').argParser(anyInteger),
  );
}

/** What weights are, where they don't tell. */
export function addWeightsOptions(command: Command): Command {
  return command.option('--model <name>', "the network, if the weights don't tell").addOption(keyOption());
}

export function keyOption(): Option {
  return new Option('--key <name>', 'of a checkpoint with several dicts of tensors, the one to take');
}

/** What may stand where weights are asked for. */
export const weightsText =
  'a file of safetensors or PyTorch, or a name: resnet18 (fetched and kept), @resnet/weights-cifar10 (installed)';

/** How pixels become inputs, for weights that don't say. */
export function addNormalizationOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--mean <a,b,c>', 'mean of each channel, 0 to 1, if the weights have none').argParser(
        shares,
      ),
    )
    .addOption(new Option('--std <a,b,c>', 'standard deviation of each channel, 0 to 1').argParser(shares));
}

/** Of images. */
export function addSizeOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--size <pixels>',
      "side of the images that the network sees (default: the weights' or the network's own)",
    ).argParser(integer(1)),
  );
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

/** Of commands that write files where they are told to. */
export function addForceOption(command: Command): Command {
  return command.option('--force', 'replace files that are there; without it they are refused');
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON document and nothing else on the standard output');
}
