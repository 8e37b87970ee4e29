import { type Command, Option } from 'commander';
import type { EvalOptions } from '../actions/eval.js';
import type { Context } from '../context.js';
import { integer } from '../parse.js';
import {
  addBackendOptions,
  addEngineOption,
  addJsonOption,
  addNormalizationOptions,
  requireOptions,
} from './shared-options.js';

const examples = `
Examples:
  $ resnet eval --weights runs/resnet20-digits/model.safetensors --dataset digits
  $ resnet eval --weights resnet20-12fca82f.th --dataset cifar10 --data cifar-10-batches-bin
  $ resnet eval --weights other.pt --model plain20 --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26 \\
      --dataset cifar10 --data cifar-10-batches-bin --limit 1000 --json`;

export function addEvalCommand(program: Command, context: Context): void {
  const command = program
    .command('eval')
    .description('Test weights on the test images of a data set: top-1 and top-5 error, loss, speed.')
    .option('--weights <file>', 'safetensors, or a state dict saved by PyTorch (required)')
    .option('--dataset <name>', 'cifar10, cifar100 or digits (required)')
    .option('--data <path>', 'CIFAR, binary or Python version: the .tar.gz, or the folder with its files')
    .option('--download', 'fetch CIFAR into the folder given by --data, unless it is there')
    .option('--model <name>', "the network, if the weights don't tell")
    .addOption(new Option('--limit <count>', 'test on the first images only').argParser(integer(1)))
    .addOption(
      new Option('--batch-size <count>', 'images at a time; does not change the result')
        .default(128)
        .argParser(integer(1)),
    );
  addJsonOption(addEngineOption(addBackendOptions(addNormalizationOptions(command))))
    .addHelpText('after', examples)
    .action(async (options: EvalOptions) => {
      requireOptions(command, 'weights', 'dataset');
      const { evaluateWeights } = await import('../actions/eval.js');
      await evaluateWeights(options, context);
    });
}
