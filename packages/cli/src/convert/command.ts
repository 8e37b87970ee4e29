import type { Command } from 'commander';
import type { Context } from '../context.js';
import { addOptions, weightsText } from '../shared/options/shared-options.js';
import type { ConvertOptions } from './convert.js';

const examples = `
Examples:
  $ resnet convert resnet20-12fca82f.th resnet20.safetensors
  $ resnet convert runs/resnet20-cifar10/model.safetensors resnet20.onnx
  $ resnet convert resnet50.pth resnet50.onnx --no-fold
  $ resnet convert resnet50.pth resnet50-half.safetensors --float16
  $ resnet convert runs/resnet18-small/best.safetensors cells.safetensors --float16
  $ resnet convert caffe.pth resnet50-caffe.safetensors --stride-on 1x1`;

export function addConvertCommand(program: Command, context: Context): void {
  const command = program
    .command('convert')
    .description(
      "Write the weights of a network or a detector in another format, under torchvision's names. The ending of OUT chooses the format.",
    )
    .argument('<in>', weightsText)
    .argument('<out>', 'a file that ends in .safetensors (read by PyTorch) or .onnx (opset 17)')
    .option(
      '--stride-on <convolution>',
      'of bottlenecks, if the weights are not as in torchvision: 1x1 or 3x3',
    )
    .option('--float16', 'for .safetensors: filters and matrices at half the size')
    .option('--no-fold', 'for .onnx: keep batch normalizations as they are');
  addOptions(command, 'opening', 'force', 'json')
    .addHelpText('after', examples)
    .action(async (from: string, to: string, options: ConvertOptions) => {
      const { convert } = await import('./convert.js');
      await convert(from, to, options, context);
    });
}
