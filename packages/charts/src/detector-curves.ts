import { type CurvesOf, MOST_CIRCLES } from './curves.js';
import { drawChart, networkColors } from './draw-chart.js';
import { iterationAxis, lineOf, means, smoothing } from './iterations.js';

/**
 * Draws the mAP of detectors in their tests against iterations, or the recall of their proposals, one color a network.
 *
 * @param networks at most 10; the error of their tests is 1 − mAP or 1 − recall
 * @returns an SVG document
 * @throws OPTION_INVALID
 */
export async function drawPrecision(
  title: string,
  networks: readonly CurvesOf[],
  score: 'mAP' | 'recall' = 'mAP',
): Promise<string> {
  const colors = networkColors(networks.length);
  const { unit, axis } = iterationAxis(networks.map(({ records }) => records));
  const drawn = networks.map(({ label, records }, index) => {
    const tested = records.filter(({ kind }) => kind === 'test');
    const points = means(tested, 1, ({ error }) => 1 - error);
    const line = lineOf(points, unit, { color: colors[index]!, width: 2.6 }, 100);
    return { label, line: { ...line, marked: tested.length <= MOST_CIRCLES } };
  });
  return drawChart({
    title,
    x: axis,
    y: { title: `${score} (%)` },
    lines: drawn.map(({ line }) => line),
    legends: [
      { title: 'network', entries: drawn.map(({ label, line }) => ({ label, stroke: line.stroke })) },
    ],
  });
}

/** What the losses of a run are made of; `MetricsRecord` of `@resnet/train` is one. */
export interface LossRecord {
  /** Steps done. */
  iteration: number;
  /** Means by name; records without them are passed over. */
  losses?: Readonly<Record<string, number>>;
}

/**
 * Draws what the loss of a run is made of against iterations, one color a name.
 *
 * @param records of at most 10 names
 * @returns an SVG document
 * @throws OPTION_INVALID
 */
export async function drawLosses(title: string, records: readonly LossRecord[]): Promise<string> {
  const trained = records.flatMap(({ iteration, losses }) => (losses ? [{ iteration, losses }] : []));
  const names = [...new Set(trained.flatMap(({ losses }) => Object.keys(losses)))];
  const colors = networkColors(names.length);
  const { unit, axis } = iterationAxis([records]);
  const lines = names.map((name, index) => {
    const named = trained.filter(({ losses }) => Object.hasOwn(losses, name));
    const points = means(named, smoothing(named), ({ losses }) => losses[name]!);
    return lineOf(points, unit, { color: colors[index]!, width: 1.6 });
  });
  return drawChart({
    title,
    x: axis,
    y: { title: 'loss' },
    lines,
    legends: [
      { title: 'loss', entries: names.map((label, index) => ({ label, stroke: lines[index]!.stroke })) },
    ],
  });
}
