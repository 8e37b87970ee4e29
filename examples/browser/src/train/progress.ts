import { element } from '../dom.js';
import type { Point, TrainingReport } from '../worker/training/saved-training.js';
import type { TrainingNews } from '../worker/training/train-all.js';

type Step = Extract<TrainingNews, { kind: 'step' }>;

/** Screen readers would not come to an end with more. */
const MILLISECONDS_BETWEEN_SUMMARIES = 2000;

const NOTHING = 'Nothing is being trained.';

interface Run {
  title: string;
  iteration: number;
  train?: Point;
  test?: Point;
}

/** How far a training is, in words: the steps as they come, and at most every two seconds what they have come to. */
export function progress() {
  const bar = element('progress', { max: 1, value: 0, 'aria-label': 'Steps done' });
  const pace = element('p', { class: 'pace' }, NOTHING);
  const summary = element('p', { class: 'summary', 'aria-live': 'polite' });
  let runs: Run[] = [];
  let iterations = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Of all that take part. */
  const steps = () => Math.min(...runs.map(({ iteration }) => iteration));

  function summarize(): void {
    clearTimeout(timer);
    timer = undefined;
    const errors = runs.map(({ title, train, test }) => {
      const parts = [
        ...(train ? [`training error ${percent(train.error)}, loss ${train.loss.toPrecision(3)}`] : []),
        ...(test ? [`test error ${percent(test.error)} at step ${test.iteration}`] : []),
      ];
      return parts.length > 0 ? ` ${title}: ${parts.join(', ')}.` : '';
    });
    summary.textContent = `After ${steps()} of ${iterations} steps.${errors.join('')}`;
  }

  const summarizeSoon = () => {
    timer ??= setTimeout(summarize, MILLISECONDS_BETWEEN_SUMMARIES);
  };

  return {
    element: element('div', { class: 'progress' }, bar, pace, summary),
    show({ plan, runs: reported }: TrainingReport): void {
      iterations = plan.iterations;
      runs = reported.map(({ title, iteration, points }) => {
        const [train, test] = (['train', 'test'] as const).map((kind) =>
          points.findLast((point) => point.kind === kind),
        );
        return { title, iteration, ...(train ? { train } : {}), ...(test ? { test } : {}) };
      });
      bar.max = iterations;
      bar.value = steps();
      pace.textContent = `Step ${steps()} of ${iterations}`;
      summarize();
    },
    step({ run, iteration, imagesPerSecond, secondsLeft }: Step): void {
      runs[run]!.iteration = iteration;
      bar.value = steps();
      const left = Number.isFinite(secondsLeft) ? ` · ${duration(secondsLeft)} left` : '';
      pace.textContent = `Step ${steps()} of ${iterations} · ${imagesPerSecond.toFixed(0)} images/s${left}`;
      summarizeSoon();
    },
    point(run: number, point: Point): void {
      runs[run]![point.kind] = point;
      summarizeSoon();
    },
    /** Says that another training is on its way. */
    begin(): void {
      pace.textContent = 'Reading the images …';
    },
    /** Says how it ended: 'paused', 'done'; nothing if it never began. */
    end(how: string | undefined): void {
      if (how === undefined) {
        pace.textContent = NOTHING;
        return;
      }
      pace.textContent = `Step ${steps()} of ${iterations} · ${how}`;
      summarize();
    },
  };
}

/** '8.1 %'. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
