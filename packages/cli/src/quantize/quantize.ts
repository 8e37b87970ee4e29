import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { defined, formatCount, formatPercent } from '@resnet/core';
import {
  CALIBRATION_METHODS,
  exportInt8Onnx,
  type Int8Model,
  type Quantized,
  quantize,
  toTensor,
} from '@resnet/zoo';
import { saveInt8Model, writeWholeFile } from '@resnet/zoo/node';
import type { Context } from '../context.js';
import { openSource } from '../data/open-data-set.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { calibrationImages } from '../shared/data-sets/calibration-images.js';
import { checkName } from '../shared/options/check-name.js';
import { checkOutput, type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { chosenNormalization, type NormalizationOptions } from '../shared/weights/chosen-normalization.js';
import { describeNetwork } from '../shared/weights/describe-network.js';
import { openWeights, type WeightsOptions } from '../shared/weights/open-weights.js';

export interface QuantizeCommandOptions
  extends BackendChoice,
    WeightsOptions,
    NormalizationOptions,
    OutputOptions {
  calibrate: string;
  dataset?: string;
  part?: string;
  images?: number;
  method: string;
  json?: boolean;
}

const ENDINGS = ['.safetensors', '.onnx'] as const;

/** Writes a network whose weights and activations are bytes. */
export async function quantizeWeights(
  from: string,
  to: string,
  options: QuantizeCommandOptions,
  { io }: Context,
): Promise<void> {
  const ending = checkName('ending of a file', extname(to).toLowerCase(), ENDINGS);
  const method = checkName('method', options.method, ['best', ...CALIBRATION_METHODS] as const);
  await checkOutput(to, options);
  const { calibrate, dataset, part } = options;
  const set = await openSource(calibrate, defined({ dataset, part }));
  await withBackend(options, io.stderr, async (backend) => {
    const { model } = await openWeights(from, options, io);
    let quantized: Quantized | undefined;
    try {
      const { normalization, text } = chosenNormalization(model, options);
      const batch = await calibrationImages(set, model, io, options.images);
      const calibration = toTensor(batch, normalization);
      const visible = options.json ? io.stderr : io.stdout;
      // The images are computed twice: for the ends of the ranges, then for what lies between.
      quantized = await withImageBar(visible, 2 * batch.count, io, (onProgress) =>
        quantize(model.network, {
          ...{ calibration, method, ...defined({ signal: io.signal }) },
          onProgress: ({ count, total }) => onProgress(count, total),
        }),
      ).finally(() => calibration.dispose());
      const { network, errors } = quantized;
      const result: Omit<Int8Model, 'origin'> = {
        ...defined({ preprocessing: model.preprocessing, classNames: model.classNames }),
        ...{ network, normalization },
      };
      if (ending === '.onnx') await writeWholeFile(to, await exportInt8Onnx(result), replacing(options, io));
      else await saveInt8Model(to, result, replacing(options, io));
      const { size: bytes } = await stat(to);
      const images = batch.count;
      if (options.json) {
        const { architecture } = network;
        const { notes } = model.origin;
        const { device } = backend;
        const used = quantized.method;
        printJson(io.stdout, {
          from,
          to,
          bytes,
          architecture,
          notes,
          data: set.name,
          images,
          method: used,
          errors,
          device,
        });
        return;
      }
      const tried = Object.entries(errors).map(([name, error]) => `${name} ${formatPercent(error)}`);
      printRows(io.stdout, [
        ['read', from],
        ['network', describeNetwork(model.network)],
        ['normalized by', text],
        ['calibrated on', `${formatCount(images)} images of ${set.name}`],
        ['ranges', `by ${quantized.method}; logits differ by ${tried.join(', ')}`],
        ['device', backend.device],
        ['written', `${to}, ${formatCount(bytes)} bytes`],
      ]);
    } finally {
      quantized?.network.dispose();
      model.network.dispose();
    }
  });
}
