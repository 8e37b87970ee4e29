import { evaluate } from '@resnet/eval';
import { type Engine, prepare } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatCount, formatErrors, formatPercent, formatSpeed } from '../format.js';
import { printJson, printRows } from '../print.js';
import { startBar } from '../progress-bar.js';
import { dataSet } from './data-sets.js';
import { describeNetwork } from './describe-network.js';
import { downloadData } from './download-data.js';
import { chosenNormalization, type NormalizationOptions } from './normalization.js';
import { type BackendChoice, withBackend } from './with-backend.js';

export interface EvalOptions extends BackendChoice, NormalizationOptions {
  weights: string;
  dataset: string;
  data?: string;
  download?: boolean;
  model?: string;
  engine: string;
  limit?: number;
  batchSize: number;
  json?: boolean;
}

/** Tests weights on the test images of a data set. */
export async function evaluateWeights(options: EvalOptions, { io }: Context): Promise<void> {
  const { weights, dataset, limit, batchSize, json } = options;
  const chosenSet = dataSet(dataset);
  await withBackend(options, io.stderr, async (backend) => {
    const model = await loadModel(weights, defined({ name: options.model }));
    try {
      const { normalization, text } = chosenNormalization(model, options);
      const data = options.download ? await downloadData(dataset, chosenSet, options.data, io) : options.data;
      const set = await chosenSet.readTest(data, limit);
      // prepare refuses engines that are none.
      const classifier = await prepare(model.network, { engine: options.engine as Engine });
      const bar = startBar(io.stderr, set.count);
      const stopBar = () => bar.stop();
      io.signal?.addEventListener('abort', stopBar);
      const result = await evaluate(classifier, set, {
        normalization,
        batchSize,
        ...defined({ signal: io.signal, transform: chosenSet.testTransform }),
        onProgress: ({ count, top1Errors }) =>
          bar.update(count, `images  error ${formatPercent(top1Errors / count)}`),
      }).finally(() => {
        stopBar();
        classifier.dispose();
        io.signal?.removeEventListener('abort', stopBar);
      });
      const { count, top1Errors, top1Error, top5Errors, loss, seconds } = result;
      const imagesPerSecond = count / seconds;
      if (json) {
        printJson(io.stdout, {
          weights,
          architecture: model.network.architecture,
          origin: model.origin.network,
          normalization: text,
          data: set.name,
          device: backend.device,
          count,
          top1Errors,
          top1Error,
          top5Errors,
          top5Error: top5Errors / count,
          loss,
          seconds,
          imagesPerSecond,
        });
        return;
      }
      printRows(io.stdout, [
        ['weights', weights],
        ['network', `${describeNetwork(model.network)}; by ${model.origin.network}`],
        ['normalised by', text],
        ['data', `${set.name}, ${formatCount(count)} images`],
        ['device', backend.device],
      ]);
      io.stdout.write('\n');
      printRows(io.stdout, [
        ['top-1 error', formatErrors(top1Errors, count)],
        ['top-5 error', formatErrors(top5Errors, count)],
        ['loss', loss.toFixed(4)],
        ['speed', formatSpeed(imagesPerSecond)],
      ]);
    } finally {
      model.network.dispose();
    }
  });
}
