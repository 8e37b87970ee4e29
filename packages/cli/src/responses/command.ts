import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { addOptions, requireOptions, weightsOption } from '../shared/options/shared-options.js';
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
    );
  addOptions(
    command,
    weightsOption('<file...>', ' (required)'),
    'opening',
    'data',
    'limit',
    new Option('--gradients', 'measure the gradients that reach the layers, too'),
    new Option('--out <file>', 'draw the deviations of 3×3 layers of at most 10 networks: .svg or .png'),
    'batch',
    'backend',
    'force',
    'json',
  )
    .addHelpText('after', examples)
    .action(async (options: ResponsesOptions) => {
      requireOptions(command, 'weights', 'dataset');
      const { measureResponses } = await import('./responses.js');
      await measureResponses(options, context);
    });
}
