import { defined, formatPercent, Random, ResnetError, throwIfAborted } from '@resnet/core';
import { imagenetNames } from '@resnet/data';
import { decodeImageFile } from '@resnet/data/node';
import { type Prediction, predict, singleView } from '@resnet/eval';
import { classNamesOf, type Engine, Int8Network, type Network, prepare, preprocessor } from '@resnet/zoo';
import type { Context } from '../context.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { describeLeftOut } from '../shared/data-sets/left-out-files.js';
import { checkOutput, type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import type { Output } from '../shared/terminal/io.js';
import { printJson, printLine } from '../shared/terminal/print.js';
import { oneLine } from '../shared/terminal/printable-output.js';
import { chosenNormalization, type NormalizationOptions } from '../shared/weights/chosen-normalization.js';
import { describeClass, guessedClasses } from '../shared/weights/class-names.js';
import { openClassifier, type WeightsOptions } from '../shared/weights/open-weights.js';
import { chosenClass } from './chosen-class.js';
import { camFiles, makeCamFolders, writeCam } from './grad-cam-pictures.js';
import { imagePaths } from './image-paths.js';

export interface PredictOptions extends BackendChoice, WeightsOptions, NormalizationOptions, OutputOptions {
  weights: string;
  engine: string;
  top: number;
  cam?: string;
  class?: string;
  json?: boolean;
}

interface NamedPrediction extends Prediction {
  name: string;
  /** Of ImageNet. */
  names?: readonly string[];
}

interface PredictedImage {
  path: string;
  classes: NamedPrediction[];
  /** The class that Grad-CAM explains, and its picture. */
  cam?: NamedPrediction & { out: string };
}

/** Tells what images show. */
export async function predictImages(
  given: readonly string[],
  options: PredictOptions,
  { io }: Context,
): Promise<void> {
  const { weights, top, cam, class: className, json } = options;
  if (className !== undefined && cam === undefined) {
    throw new ResnetError('OPTION_INVALID', '--class says what --cam looks for: give --cam too.');
  }
  const { paths, leftOut } = await imagePaths(given);
  if (leftOut.length > 0) printLine(io.stderr, `left out: ${describeLeftOut(leftOut)}`);
  const files = cam === undefined ? undefined : camFiles(paths, cam);
  for (const file of files ?? []) await checkOutput(file, options, 'name another path');
  await withBackend(options, io.stderr, async (backend) => {
    const { model } = await openClassifier(weights, options, io);
    const { network } = model;
    if (cam !== undefined && network instanceof Int8Network) {
      const message = `--cam takes gradients, which a quantized network as ${weights} does not have. Give the weights that it was made from.`;
      network.dispose();
      throw new ResnetError('OPTION_INVALID', message);
    }
    // prepare refuses unknown engines.
    const classifier = await prepare(network, { engine: options.engine as Engine });
    try {
      const { normalization, text } = chosenNormalization(model, options);
      const classNames = classNamesOf(model);
      const whose = guessedClasses(model);
      const notes = [
        ...model.origin.notes,
        ...(whose ? [`the weights name no classes: they are taken for ${whose}'s`] : []),
      ];
      if (whose) printLine(io.stderr, `note: ${weights}: ${notes.at(-1)}.`);
      const named = ({ index, probability }: Prediction): NamedPrediction => {
        const name = classNames[index] ?? `class ${index}`;
        return { index, probability, name, ...defined({ names: imagenetNames(name) }) };
      };
      const chosen =
        className === undefined
          ? undefined
          : chosenClass(className, classNames, network.architecture.classes);
      if (files) await makeCamFolders(files);
      const fit = preprocessor(model);
      const images: PredictedImage[] = [];
      for (const [index, path] of paths.entries()) {
        throwIfAborted(io.signal, 'Prediction');
        const image = fit(await decodeImageFile(path), new Random(0));
        const predictions = await predict(classifier, image, { normalization, top });
        const predicted: PredictedImage = { path, classes: predictions.map(named) };
        if (files) {
          const out = files[index]!;
          const shown = { normalization, index: chosen ?? predictions[0]!.index };
          const writing = { ...shown, ...replacing(options, io) };
          predicted.cam = { ...named(await writeCam(out, network as Network, image, writing)), out };
        }
        images.push(predicted);
        if (!json) print(io.stdout, predicted);
      }
      if (json) {
        const { architecture } = network;
        const { device } = backend;
        printJson(io.stdout, {
          weights,
          architecture,
          origin: model.origin.network,
          notes,
          normalization: text,
          preprocessing: singleView(fit).name,
          device,
          leftOut,
          images,
        });
      }
    } finally {
      classifier.dispose();
      if (classifier !== network) network.dispose();
    }
  });
}

function print(stream: Output, { path, classes, cam }: PredictedImage): void {
  const names = classes.map(({ name }) => oneLine(describeClass(name)));
  const width = Math.max(...names.map((name) => name.length));
  printLine(stream, path);
  for (const [index, { probability }] of classes.entries()) {
    stream.write(`  ${names[index]!.padEnd(width)}  ${formatPercent(probability).padStart(8)}\n`);
  }
  if (!cam) return;
  const { name, probability, out } = cam;
  printLine(stream, `  Grad-CAM of ${describeClass(name)}, ${formatPercent(probability)}: ${out}`);
}
