import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { StrideOn } from '@resnet/blocks';
import { formatCount, ResnetError } from '@resnet/core';
import type { DetectorModel } from '@resnet/detection';
import { saveDetector } from '@resnet/detection/node';
import { exportOnnx, type Model } from '@resnet/zoo';
import { saveModel, writeWholeFile } from '@resnet/zoo/node';
import type { Context } from '../context.js';
import { withBackend } from '../shared/backend/with-backend.js';
import { checkName } from '../shared/options/check-name.js';
import { checkOutput, type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import type { Io } from '../shared/terminal/io.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { chosenNormalization, type NormalizationOptions } from '../shared/weights/chosen-normalization.js';
import { describeNetwork } from '../shared/weights/describe-network.js';
import { openIfDetector } from '../shared/weights/open-if-detector.js';
import { openWeights, type WeightsOptions } from '../shared/weights/open-weights.js';

export interface ConvertOptions extends WeightsOptions, NormalizationOptions, OutputOptions {
  strideOn?: string;
  fold: boolean;
  float16?: boolean;
  json?: boolean;
}

const ENDINGS = ['.safetensors', '.onnx'] as const;

/** Writes a model in another format. */
export async function convert(
  from: string,
  to: string,
  options: ConvertOptions,
  { io }: Context,
): Promise<void> {
  const ending = checkName('ending of a file', extname(to).toLowerCase(), ENDINGS);
  const strideOn =
    options.strideOn === undefined
      ? undefined
      : checkName<StrideOn>('--stride-on', options.strideOn, ['1x1', '3x3']);
  if (options.float16 && ending !== '.safetensors') {
    throw new ResnetError('OPTION_INVALID', `--float16 is for .safetensors, found ${to}.`);
  }
  await checkOutput(to, options);
  // Hardly anything is computed.
  await withBackend({ backend: 'cpu' }, io.stderr, async () => {
    const found = await openIfDetector(from);
    if (found) {
      await convertDetector(from, to, found, options, io);
      return;
    }
    const { model } = await openWeights(from, { ...options, strideOn }, io);
    try {
      const described = describeModel(model, options);
      const { fold, float16 = false } = options;
      if (ending === '.onnx')
        await writeWholeFile(to, await exportOnnx(described, { fold }), replacing(options, io));
      else await saveModel(to, described, { float16, ...replacing(options, io) });
      const { size: bytes } = await stat(to);
      const { architecture } = model.network;
      const { network: origin, notes } = model.origin;
      if (options.json) printJson(io.stdout, { from, to, bytes, architecture, origin, notes });
      else {
        printRows(io.stdout, [
          ['read', from],
          ['network', `${describeNetwork(model.network)}; by ${origin}`],
          ['written', `${to}, ${formatCount(bytes)} bytes`],
        ]);
      }
    } finally {
      model.network.dispose();
    }
  });
}

/** Detectors describe themselves, and are written as safetensors alone. */
async function convertDetector(
  from: string,
  to: string,
  model: DetectorModel,
  options: ConvertOptions,
  io: Io,
): Promise<void> {
  const { float16 = false, json } = options;
  try {
    if (extname(to).toLowerCase() === '.onnx') {
      throw new ResnetError(
        'OPTION_INVALID',
        `${from} is a detector, and detectors are written as .safetensors only, found ${to}.`,
      );
    }
    await saveDetector(to, model, { float16, ...replacing(options, io) });
    const { size: bytes } = await stat(to);
    const { settings } = model.detector;
    if (json) printJson(io.stdout, { from, to, bytes, detector: settings, notes: model.notes });
    else {
      const { backbone, style, classes } = settings;
      printRows(io.stdout, [
        ['read', from],
        ['detector', `Faster R-CNN (${style}) on ${backbone.name}, ${formatCount(classes)} classes`],
        ['note', model.notes.length > 0 ? model.notes.join('; ') : undefined],
        ['written', `${to}, ${formatCount(bytes)} bytes`],
      ]);
    }
  } finally {
    model.detector.dispose();
  }
}

/** The model with the normalization of the options or of its weights, or without one if neither says. */
function describeModel(model: Model, options: NormalizationOptions): Model {
  const isKnown = model.normalization ?? options.mean ?? options.std;
  return isKnown ? { ...model, normalization: chosenNormalization(model, options).normalization } : model;
}
