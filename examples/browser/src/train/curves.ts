import { element } from '../dom.js';
import type { Point, TrainingReport } from '../worker/training/saved-training.js';

type Run = TrainingReport['runs'][number];
type Measure = 'error' | 'loss';

/** In the units of the drawing. */
const [WIDTH, HEIGHT] = [640, 240];
const AREA = { left: 48, right: WIDTH - 12, top: 10, bottom: HEIGHT - 26 };

/** Ends of the axes, of which the lowest that takes the curves is taken. */
const TOPS: Record<Measure, readonly number[]> = {
  error: [0.02, 0.05, 0.1, 0.2, 0.5, 1],
  loss: [0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100],
};

/** Charts of error and loss: training dashed, tests bold. */
export function curves() {
  const charts = [chart('error', 'Error'), chart('loss', 'Loss')];
  const legend = element('ul', { class: 'keys' });
  let runs: (Run & { points: Point[] })[] = [];
  let iterations = 1;
  let isDue = false;

  /** However many points come, it is drawn once a frame. */
  function draw(): void {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      for (const { draw } of charts) draw(runs, iterations);
    });
  }

  return {
    element: element('div', { class: 'curves' }, legend, ...charts.map(({ figure }) => figure)),
    /** Begins with the curves of a report. */
    show(report: TrainingReport): void {
      runs = report.runs.map((run) => ({ ...run, points: [...run.points] }));
      iterations = report.plan.iterations;
      const lines = runs.flatMap(({ kind, title }) => [
        [kind, 'train', `${title}, in training`],
        [kind, 'test', `${title}, tested`],
      ]);
      legend.replaceChildren(
        ...lines.map(([kind, of, text]) => element('li', { class: `key ${kind} ${of}` }, text!)),
      );
      draw();
    },
    add(run: number, point: Point): void {
      runs[run]?.points.push(point);
      draw();
    },
  };
}

/** One chart: its axes and a line for each run and kind of point. */
function chart(measure: Measure, title: string) {
  const lines = svg('g', { 'clip-path': `url(#area-${measure})` });
  const labels = svg('g', { class: 'labels' });
  const { left, right, top, bottom } = AREA;
  const size = { x: left, y: top, width: right - left, height: bottom - top };
  const clip = svg('clipPath', { id: `area-${measure}` });
  clip.append(svg('rect', size));
  const picture = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': `${title} by step; told in words above`,
  });
  picture.append(clip, svg('rect', { ...size, class: 'area' }), labels, lines);

  function draw(runs: readonly Run[], iterations: number): void {
    const highest = topOf(measure, runs);
    const x = (iteration: number) => left + (iteration / iterations) * (right - left);
    const y = (value: number) => bottom - (value / highest) * (bottom - top);
    lines.replaceChildren(
      ...runs.flatMap(({ kind, points }) =>
        (['train', 'test'] as const).map((of) =>
          svg('polyline', {
            class: `line ${kind} ${of}`,
            points: points
              .filter((point) => point.kind === of)
              .map((point) => `${x(point.iteration).toFixed(1)},${y(point[measure]).toFixed(1)}`)
              .join(' '),
          }),
        ),
      ),
    );
    const shares = [0, 0.5, 1];
    labels.replaceChildren(
      ...shares.map((share) => {
        const value = share * highest;
        const text = measure === 'error' ? `${Number((100 * value).toFixed(1))} %` : `${value}`;
        return label(left - 6, y(value) + 4, 'end', text);
      }),
      ...shares.map((share) => {
        const step = Math.round(share * iterations);
        const text = share === 1 ? `${step} steps` : `${step}`;
        return label(x(step), HEIGHT - 8, share === 1 ? 'end' : 'middle', text);
      }),
    );
  }

  return { figure: element('figure', {}, element('figcaption', {}, title), picture), draw };
}

/** The end of the axis: of what the curves reach once the first tenth is over, which is far above the rest. */
function topOf(measure: Measure, runs: readonly Run[]): number {
  const points = runs.flatMap(({ points }) => points);
  const last = points.reduce((most, { iteration }) => Math.max(most, iteration), 0);
  const reached = points
    .filter(({ iteration }) => iteration >= last / 10)
    .reduce((most, point) => Math.max(most, point[measure]), 0);
  const tops = TOPS[measure];
  return tops.find((top) => top >= reached && reached > 0) ?? tops.at(-1)!;
}

function label(x: number, y: number, anchor: string, text: string): SVGElement {
  const made = svg('text', { x, y, 'text-anchor': anchor });
  made.textContent = text;
  return made;
}

function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
