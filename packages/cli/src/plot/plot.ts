import { drawCurves } from '@resnet/charts';
import { defined, formatCount, formatPercent } from '@resnet/core';
import type { TestRecord } from '@resnet/train';
import type { Context } from '../context.js';
import { inOrder } from '../shared/options/in-order.js';
import { refuseRepeated } from '../shared/options/refuse-repeated.js';
import { networkLabels } from '../shared/output-files/network-labels.js';
import type { OutputOptions } from '../shared/output-files/output-file.js';
import { checkDrawing, writeDrawing } from '../shared/output-files/write-drawing.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { type Run, readRun } from './read-run.js';
import { watchRuns } from './watch-runs.js';

export interface PlotOptions extends OutputOptions {
  out: string;
  title: string;
  smooth?: number;
  maxError?: number;
  watch?: boolean;
  port?: number;
  json?: boolean;
}

/** Draws the curves of runs in one picture, as the paper's Figure 6. */
export async function plot(folders: string[], options: PlotOptions, context: Context): Promise<void> {
  const { io } = context;
  const { out, title, smooth, maxError, watch, port = 0, json } = options;
  await checkDrawing(out, options);
  refuseRepeated(folders);
  const draw = (runs: readonly Run[]) => {
    const labels = networkLabels(runs);
    const curves = runs.map(({ records }, index) => ({ label: labels[index]!, records }));
    const maxShare = maxError === undefined ? undefined : maxError / 100;
    return drawCurves(title, curves, defined({ smooth, maxError: maxShare }));
  };
  if (watch) {
    context.whenStopped = 'finish';
    await watchRuns(folders, { title, port, draw, out: io.stderr, ...defined({ signal: io.signal }) });
  }
  const runs = await inOrder(folders, readRun);
  const labels = networkLabels(runs);
  await writeDrawing(out, await draw(runs), options, watch ? {} : io);

  const described = runs.map((run, index) => ({ label: labels[index]!, ...describe(run) }));
  if (json) {
    printJson(io.stdout, { runs: described, out });
    return;
  }
  printRows(io.stdout, [
    ...described.map((run) => [run.label, formatRun(run)] as const),
    ['written', out] as const,
  ]);
}

type Description = Omit<ReturnType<typeof describe>, 'folder'>;

function describe({ folder, records }: Run) {
  const errors = records.filter((record): record is TestRecord => record.kind === 'test');
  return {
    folder,
    iterations: records.at(-1)!.iteration,
    testError: errors.at(-1)?.error ?? null,
    lowestTestError:
      errors.length > 0
        ? errors.reduce((least, { error }) => Math.min(least, error), Number.POSITIVE_INFINITY)
        : null,
  };
}

function formatRun({ iterations, testError, lowestTestError }: Description): string {
  const tests =
    testError === null
      ? 'not tested yet'
      : `test error ${formatPercent(testError)}, lowest ${formatPercent(lowestTestError!)}`;
  return `${formatCount(iterations)} iterations, ${tests}`;
}
