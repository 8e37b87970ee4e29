import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { integer } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions, weightsOption } from '../shared/options/shared-options.js';
import type { PredictOptions } from './predict.js';

const examples = `
Examples:
  $ resnet predict cat.jpg --weights resnet20-12fca82f.th
  $ resnet predict photos/*.png --weights runs/resnet20-cifar10/model.safetensors --top 3
  $ resnet predict photos --weights runs/resnet18-folder/model.safetensors --json
  $ resnet predict seven.png --weights runs/resnet20-digits/model.safetensors --json
  $ resnet predict dog.jpg --weights resnet50.safetensors --cam dog-cam.png
  $ resnet predict photos/*.jpg --weights resnet50.safetensors --cam cams --class tabby

--cam draws where in an image the network sees the most probable class, or the one that --class names: Grad-CAM's heat map
in colors over what the network saw of the image, from black over purple and orange to yellow.`;

export function addPredictCommand(program: Command, context: Context): void {
  const command = program
    .command('predict')
    .description('Tell what images show. They are scaled and cropped for the network as in tests of it.')
    .argument('<image...>', 'image files (JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG), or folders of them');
  addOptions(
    command,
    weightsOption('<file>', ' (required)'),
    'opening',
    parsed('--top <count>', 'classes to show', integer(1)).default(5),
    new Option(
      '--cam <path>',
      'draw where the network sees a class: a .png for one image, or a folder for a picture of each',
    ),
    new Option(
      '--class <name>',
      'the class that --cam looks for, by name or number (default: the most probable)',
    ),
    'engine',
    'backend',
    'force',
    'json',
  )
    .addHelpText('after', examples)
    .action(async (images: string[], options: PredictOptions) => {
      requireOptions(command, 'weights');
      const { predictImages } = await import('./predict.js');
      await predictImages(images, options, context);
    });
}
