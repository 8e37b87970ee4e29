import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { integer } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions, weightsText } from '../shared/options/shared-options.js';
import type { QuantizeCommandOptions } from './quantize.js';

const examples = `
Examples:
  $ resnet quantize resnet20-12fca82f.th resnet20-int8.safetensors --calibrate cifar-10-batches-bin
  $ resnet eval --weights resnet20-int8.safetensors --dataset cifar10 --data cifar-10-batches-bin
  $ resnet quantize resnet50.pth resnet50-int8.onnx --calibrate imagenet --images 32

Weights become bytes with a scale for each output channel, activations bytes with a range for each layer, which is found by
computing the images in float32. The method of choosing ranges is the one whose logits differ least from those of float32.`;

export function addQuantizeCommand(program: Command, context: Context): void {
  const command = program
    .command('quantize')
    .description(
      'Quantize a network to 8 bits: a quarter of the size, and faster on WebAssembly. The ending of OUT chooses the format.',
    )
    .argument('<in>', weightsText)
    .argument('<out>', 'a file that ends in .safetensors (for eval and predict) or .onnx (QDQ, opset 17)');
  addOptions(
    command,
    new Option(
      '--calibrate <path>',
      'images like those that the network will see; labels are not used: what `resnet data stats` takes (required)',
    ),
    'kind',
    new Option('--part <name>', 'the part of that data set to take (default: train)'),
    parsed('--images <count>', 'how many of them, drawn at random (default: 256)', integer(1)),
    new Option('--method <name>', 'how ranges are chosen: best, max, percentile, mse, entropy').default(
      'best',
    ),
    'opening',
    'backend',
    'force',
    'json',
  )
    .addHelpText('after', examples)
    .action(async (from: string, to: string, options: QuantizeCommandOptions) => {
      requireOptions(command, 'calibrate');
      const { quantizeWeights } = await import('./quantize.js');
      await quantizeWeights(from, to, options, context);
    });
}
