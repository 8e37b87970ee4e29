import { throwIfAborted } from '@resnet/backend';
import { CIFAR10_CLASSES } from '@resnet/data';
import { readImage } from '@resnet/data/node';
import { type Prediction, predict } from '@resnet/eval';
import { CifarNetwork, type Engine, type Model, prepare } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatPercent } from '../format.js';
import { printJson } from '../print.js';
import { chosenNormalization, type NormalizationOptions } from './normalization.js';
import { type BackendChoice, withBackend } from './with-backend.js';

export interface PredictOptions extends BackendChoice, NormalizationOptions {
  weights: string;
  model?: string;
  engine: string;
  top: number;
  json?: boolean;
}

/** Tells what images show. */
export async function predictImages(
  paths: readonly string[],
  options: PredictOptions,
  { io }: Context,
): Promise<void> {
  const { weights, top, json } = options;
  await withBackend(options, io.stderr, async (backend) => {
    const model = await loadModel(weights, defined({ name: options.model }));
    // prepare refuses engines that are none.
    const classifier = await prepare(model.network, { engine: options.engine as Engine });
    try {
      const { normalization, text } = chosenNormalization(model, options);
      const [height, width, channels] = model.network.inputShape;
      const images: { path: string; classes: (Prediction & { name: string })[] }[] = [];
      for (const path of paths) {
        throwIfAborted(io.signal, 'Prediction');
        // readImage refuses channels other than 1 and 3.
        const image = await readImage(path, { height, width, channels: channels as 1 | 3 });
        const predictions = await predict(classifier, image, { normalization, top });
        const classes = predictions.map((prediction) => ({
          ...prediction,
          name: className(model, prediction.index),
        }));
        images.push({ path, classes });
        if (!json) {
          const nameWidth = Math.max(...classes.map(({ name }) => name.length));
          const lines = classes.map(
            ({ name, probability }) =>
              `  ${name.padEnd(nameWidth)}  ${formatPercent(probability).padStart(8)}\n`,
          );
          io.stdout.write(`${path}\n${lines.join('')}`);
        }
      }
      if (json) {
        const { architecture } = model.network;
        const { device } = backend;
        printJson(io.stdout, {
          weights,
          architecture,
          origin: model.origin.network,
          normalization: text,
          device,
          images,
        });
      }
    } finally {
      classifier.dispose();
      model.network.dispose();
    }
  });
}

function className({ network, classNames }: Model, index: number): string {
  const isCifar10 =
    network instanceof CifarNetwork && network.architecture.classes === CIFAR10_CLASSES.length;
  const names = classNames ?? (isCifar10 ? CIFAR10_CLASSES : []);
  return names[index] ?? `class ${index}`;
}
