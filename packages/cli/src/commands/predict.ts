import { type Command, Option } from 'commander';
import type { PredictOptions } from '../actions/predict.js';
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
  $ resnet predict cat.jpg --weights resnet20-12fca82f.th
  $ resnet predict photos/*.png --weights runs/resnet20-cifar10/model.safetensors --top 3
  $ resnet predict seven.png --weights runs/resnet20-digits/model.safetensors --json`;

export function addPredictCommand(program: Command, context: Context): void {
  const command = program
    .command('predict')
    .description('Tell what images show. They are scaled and cropped to the size that the network takes.')
    .argument('<image...>', 'image files: JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG')
    .option('--weights <file>', 'safetensors, or a state dict saved by PyTorch (required)')
    .option('--model <name>', "the network, if the weights don't tell")
    .addOption(new Option('--top <count>', 'classes to show').default(5).argParser(integer(1)));
  addJsonOption(addEngineOption(addBackendOptions(addNormalizationOptions(command))))
    .addHelpText('after', examples)
    .action(async (images: string[], options: PredictOptions) => {
      requireOptions(command, 'weights');
      const { predictImages } = await import('../actions/predict.js');
      await predictImages(images, options, context);
    });
}
