import { drawCurves, drawPrecision } from '@resnet/charts';
import { defined, formatCount, formatPercent, ResnetError } from '@resnet/core';
import type { TestRecord } from '@resnet/train';
import type { Context } from '../context.js';
import { inOrder } from '../shared/options/in-order.js';
import { refuseRepeated } from '../shared/options/refuse-repeated.js';
import { networkLabels } from '../shared/output-files/network-labels.js';
import type { OutputOptions } from '../shared/output-files/output-file.js';
import { checkDrawing, writeDrawing } from '../shared/output-files/write-drawing.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { type Run, readRun } from './read-run.js';
import { type Score, scoreOf } from './score-of.js';
import { watchRuns } from './watch-runs.js';

export interface PlotOptions extends OutputOptions {
  out: string;
  title?: string;
  smooth?: number;
  maxError?: number;
  watch?: boolean;
  port?: number;
  json?: boolean;
}

const USUAL_TITLE = 'Training and test error';

/** Draws the curves of runs in one picture, as the paper's Figure 6. */
export async function plot(folders: string[], options: PlotOptions, context: Context): Promise<void> {
  const { io } = context;
  const { out, title, smooth, maxError, watch, port = 0, json } = options;
  await checkDrawing(out, options);
  refuseRepeated(folders);
  const draw = (runs: readonly Run[]) => {
    const labels = networkLabels(runs);
    const curves = runs.map(({ records }, index) => ({ label: labels[index]!, records }));
    const score = scoreOf(runs);
    if (score !== 'error') {
      refuse({ smooth, maxError }, score);
      return drawPrecision(title ?? `${score} in tests`, curves, score);
    }
    const maxShare = maxError === undefined ? undefined : maxError / 100;
    return drawCurves(title ?? USUAL_TITLE, curves, defined({ smooth, maxError: maxShare }));
  };
  if (watch) {
    context.whenStopped = 'finish';
    await watchRuns(folders, {
      title: title ?? USUAL_TITLE,
      port,
      draw,
      out: io.stderr,
      ...defined({ signal: io.signal }),
    });
  }
  const runs = await inOrder(folders, readRun);
  const labels = networkLabels(runs);
  await writeDrawing(out, await draw(runs), options, watch ? {} : io);

  const score = scoreOf(runs);
  const described = runs.map((run, index) => ({ label: labels[index]!, ...describe(run) }));
  if (json) {
    printJson(io.stdout, { runs: described, out });
    return;
  }
  printRows(io.stdout, [
    ...described.map((run) => [run.label, formatRun(run, score)] as const),
    ['written', out] as const,
  ]);
}

/** @throws OPTION_INVALID for options that only curves of errors have */
function refuse(given: { smooth: number | undefined; maxError: number | undefined }, score: Score): void {
  const option = given.smooth !== undefined ? '--smooth' : given.maxError !== undefined && '--max-error';
  if (!option) return;
  throw new ResnetError(
    'OPTION_INVALID',
    `${option} is for training and test error; these runs have ${score}.`,
  );
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

function formatRun({ iterations, testError, lowestTestError }: Description, score: Score): string {
  const of = (error: number) => formatPercent(score === 'error' ? error : 1 - error);
  const [name, best] = score === 'error' ? ['test error', 'lowest'] : [score, 'highest'];
  const tests =
    testError === null ? 'not tested yet' : `${name} ${of(testError)}, ${best} ${of(lowestTestError!)}`;
  return `${formatCount(iterations)} iterations, ${tests}`;
}
