import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { integer } from '../shared/options/parse-values.js';
import {
  addBackendOptions,
  addForceOption,
  addJsonOption,
  addNormalizationOptions,
  addSizeOption,
  addWeightsOptions,
  requireOptions,
  weightsText,
} from '../shared/options/shared-options.js';
import type { ResponsesOptions } from './responses.js';

const examples = `
Examples:
  $ resnet responses --weights runs/resnet20-digits/model.safetensors --dataset digits
  $ resnet responses --weights resnet20-12fca82f.th resnet32-d509ac18.th \\
      --dataset cifar10 --data cifar-10-batches-bin --out responses.svg
  $ resnet responses --weights plain20.safetensors --dataset cifar10 --data cifar-10-batches-bin \\
      --limit 1000 --gradients --json

A response is what a convolution gives after its batch normalization, before the shortcut is added and before the ReLU.
A channel is dead if the ReLU that follows makes it 0 everywhere in all images. Gradients are norms of the loss's gradient
by a layer's weight, the mean over 10 batches with statistics of the batch, and their shares of the weight's norm.`;

export function addResponsesCommand(program: Command, context: Context): void {
  const command = program
    .command('responses')
    .description(
      "Measure how strongly each layer responds to a data set's test images, as the paper's Figure 7.",
    )
    .option('--weights <file...>', `${weightsText} (required)`)
    .option('--dataset <name>', 'cifar10, cifar100, digits, imagenet, folder, parquet or shards (required)')
    .option(
      '--data <path>',
      "CIFAR's .tar.gz or folder; ImageNet's folder; or one with train and val, which hold a folder of images for each class",
    )
    .option('--download', 'fetch CIFAR into the folder given by --data, unless it is there')
    .addOption(new Option('--limit <count>', 'measure the first images only').argParser(integer(1)))
    .option('--gradients', 'measure the gradients that reach the layers, too')
    .option('--out <file>', 'draw the deviations of 3×3 layers of at most 10 networks: .svg or .png')
    .addOption(
      new Option('--batch-size <count>', 'images at a time; changes gradients alone')
        .default(128)
        .argParser(integer(1)),
    );
  addForceOption(addWeightsOptions(addSizeOption(command)));
  addJsonOption(addBackendOptions(addNormalizationOptions(command)))
    .addHelpText('after', examples)
    .action(async (options: ResponsesOptions) => {
      requireOptions(command, 'weights', 'dataset');
      const { measureResponses } = await import('./responses.js');
      await measureResponses(options, context);
    });
}
