import { drawFigure7, networkColors } from '@resnet/charts';
import { defined, formatCount } from '@resnet/core';
import {
  type LayerGradient,
  type LayerResponse,
  layerGradients,
  layerResponses,
  type MeasureOptions,
  type SingleView,
} from '@resnet/eval';
import type { Architecture } from '@resnet/zoo';
import type { Context } from '../context.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { readTestData, type TestDataOptions } from '../shared/data-sets/chosen-data.js';
import { dataSet, type Images } from '../shared/data-sets/data-sets.js';
import { refuseRepeated } from '../shared/options/refuse-repeated.js';
import { networkLabels } from '../shared/output-files/network-labels.js';
import type { OutputOptions } from '../shared/output-files/output-file.js';
import { checkDrawing, writeDrawing } from '../shared/output-files/write-drawing.js';
import { startBar } from '../shared/progress/progress-bar.js';
import { whileShown } from '../shared/progress/while-shown.js';
import type { Io, Output } from '../shared/terminal/io.js';
import { printJson, printLine, printRows } from '../shared/terminal/print.js';
import { printTable } from '../shared/terminal/print-table.js';
import { chosenNormalization, type NormalizationOptions } from '../shared/weights/chosen-normalization.js';
import { chosenView } from '../shared/weights/chosen-view.js';
import { classMapOf } from '../shared/weights/class-map.js';
import { describeNetwork } from '../shared/weights/describe-network.js';
import { openWeights, type WeightsOptions } from '../shared/weights/open-weights.js';

export interface ResponsesOptions
  extends BackendChoice,
    TestDataOptions,
    WeightsOptions,
    NormalizationOptions,
    OutputOptions {
  weights: string[];
  batchSize: number;
  gradients?: boolean;
  out?: string;
  json?: boolean;
}

/** How many batches gradients are measured on. */
const BATCHES = 10;

/** Measures the layer responses of networks, and draws them as the paper's Figure 7. */
export async function measureResponses(options: ResponsesOptions, { io }: Context): Promise<void> {
  const { weights, dataset, out, json } = options;
  if (out !== undefined) {
    await checkDrawing(out, options);
    // Refuses more than there are colors, before all the measuring.
    networkColors(weights.length);
  }
  refuseRepeated(weights);
  const chosenSet = dataSet(dataset);
  await withBackend(options, io.stderr, async (backend) => {
    const set = await readTestData(chosenSet, options, io);
    const measured: Measured[] = [];
    for (const path of weights) {
      measured.push(await measure(path, set, options, io));
    }
    const labels = networkLabels(
      measured.map(({ path, architecture }) => ({ folder: path, name: architecture.name })),
    );
    const networks = measured.map((network, index) => ({ label: labels[index]!, ...network }));
    if (out !== undefined) await writeDrawing(out, await drawFigure7(networks), options, io);

    if (json) {
      printJson(io.stdout, {
        data: set.name,
        count: set.count,
        device: backend.device,
        networks: networks.map(
          ({ label, path, architecture, notes, normalization, responses, gradients }) => ({
            ...{ label, weights: path, architecture, notes, normalization, responses },
            ...defined({ gradients }),
          }),
        ),
        ...defined({ out }),
      });
      return;
    }
    printRows(io.stdout, [
      ['data', `${set.name}, ${formatCount(set.count)} images`],
      ['device', backend.device],
    ]);
    for (const network of networks) printNetwork(io.stdout, network);
    if (out === undefined) return;
    io.stdout.write('\n');
    printLine(io.stdout, `written  ${out}`);
  });
}

/** What came out for one network. */
interface Measured {
  path: string;
  architecture: Architecture;
  description: string;
  notes: readonly string[];
  normalization: string;
  responses: LayerResponse[];
  gradients?: LayerGradient[];
}

async function measure(path: string, set: Images, options: ResponsesOptions, io: Io): Promise<Measured> {
  const { model } = await openWeights(path, options, io);
  try {
    const { network } = model;
    const { architecture } = network;
    const { normalization, text } = chosenNormalization(model, options);
    const { batchSize } = options;
    const { transform } = chosenView({}, set, model) as SingleView;
    const measuring = { ...defined({ transform }), normalization, batchSize };
    const responses = await withBar(io, set.count, `${architecture.name} responses`, (watched) =>
      layerResponses(network, set, { ...measuring, ...watched }),
    );
    const gradients =
      options.gradients &&
      (await withBar(
        io,
        Math.min(set.count, BATCHES * batchSize),
        `${architecture.name} gradients`,
        (watched) => {
          const classMap = classMapOf(set, model).numbers;
          return layerGradients(network, set, { ...measuring, ...watched, classMap, batches: BATCHES });
        },
      ));
    const description = describeNetwork(network);
    return {
      ...{ path, architecture, description, notes: model.origin.notes, normalization: text, responses },
      ...(gradients ? { gradients } : {}),
    };
  } finally {
    model.network.dispose();
  }
}

/** Measures while a bar shows how far it is. */
async function withBar<T>(
  io: Io,
  total: number,
  what: string,
  work: (options: Pick<MeasureOptions, 'signal' | 'onProgress'>) => Promise<T>,
): Promise<T> {
  const bar = startBar(io.stderr, total);
  const onProgress = ({ count }: { count: number }) => bar.update(count, `images  ${what}`);
  return whileShown(bar, io, () => work({ ...defined({ signal: io.signal }), onProgress }));
}

function printNetwork(
  stream: Output,
  { path, description, normalization, responses, gradients }: Measured,
): void {
  stream.write('\n');
  printRows(stream, [
    ['weights', path],
    ['network', description],
    ['normalized by', normalization],
  ]);
  stream.write('\n');
  const ofResponse = (response: LayerResponse | undefined) =>
    response
      ? [
          response.std.toFixed(4),
          response.mean.toFixed(4),
          `${response.deadChannels} of ${response.channels}`,
        ]
      : ['', '', ''];
  const header = ['layer', 'std', 'mean', 'dead channels'];
  if (!gradients) {
    printTable(
      stream,
      header,
      responses.map((response) => [response.name, ...ofResponse(response)]),
    );
    return;
  }
  const byName = new Map(responses.map((response) => [response.name, response]));
  printTable(
    stream,
    [...header, 'gradient', 'of weight'],
    gradients.map(({ name, norm, ratio }) => [
      name,
      ...ofResponse(byName.get(name)),
      norm.toExponential(2),
      ratio.toExponential(2),
    ]),
  );
}
