import { type App, isAborted, isLost, messageOf, type View } from '../app.js';
import type { BackendChoice } from '../backends.js';
import { element } from '../dom.js';
import { curves } from '../train/curves.js';
import { offer } from '../train/offer.js';
import { CIFAR_FILE, planForm } from '../train/plan-form.js';
import { progress } from '../train/progress.js';
import { download, results } from '../train/results.js';
import { CallError, type CallOptions, WorkerClient } from '../worker/client.js';
import type { TrainedFormat } from '../worker/handlers/save-trained.js';
import type { TrainingReport } from '../worker/training/saved-training.js';
import type { DataSource } from '../worker/training/training-data.js';

type Name = 'startTraining' | 'resumeTraining';
type State = 'idle' | 'running' | 'paused';

export interface TrainView extends View {
  /** To be shown above the tabs: it offers to go on with what was stored. */
  offer: HTMLElement;
}

/** Trains networks, and shows how they learn. */
export function trainView(app: App): TrainView {
  const form = planForm(() => void start());
  const charts = curves();
  const steps = progress();
  const trained = results((run, format, title) => void save(run, format, title));
  const warning = element('p', { class: 'warning', role: 'alert' });
  const pauseButton = element('button', { type: 'button', onclick: () => void pauseOrResume() }, 'Pause');
  const stopButton = element('button', { type: 'button', onclick: () => void stop() }, 'Stop');
  const stored = offer({ onGoOn: () => void goOn(), onDiscard: () => void discard() });
  let found: TrainingReport | undefined;
  /** A second worker, so that the page's own still answers: it does one call after another. Made when first needed. */
  let trainer: WorkerClient | undefined;
  let trainerBackend: BackendChoice | undefined;
  let state: State = 'idle';
  let work = new AbortController();
  /** Of the training that has begun, if any has. */
  let runs: TrainingReport['runs'] = [];
  /** Whether the training that is being aborted is not to be gone on with. */
  let isStopping = false;

  function setState(next: State): void {
    state = next;
    form.setDisabled(state !== 'idle');
    pauseButton.textContent = state === 'paused' ? 'Resume' : 'Pause';
    pauseButton.disabled = state === 'idle' || (state === 'running' && work.signal.aborted);
    stopButton.disabled = pauseButton.disabled;
  }

  /** Opens it on the backend of the page; what is gone on with stays on its own. */
  async function openTrainer(name: Name): Promise<WorkerClient> {
    if (trainer && (name === 'resumeTraining' || trainerBackend === app.backend)) return trainer;
    trainer?.end();
    trainer = undefined;
    const made = new WorkerClient();
    trainerBackend = app.backend;
    await made.call('startBackend', { choice: trainerBackend });
    trainer = made;
    return made;
  }

  const source = (): DataSource => ({
    digits: new URL('digits.bin', document.baseURI).href,
    files: form.files(),
  });

  function listen(): CallOptions<Name> {
    return {
      signal: work.signal,
      onProgress: (news) => {
        switch (news.kind) {
          case 'started':
            ({ runs } = news.report);
            stored.hide();
            form.show(news.report.plan);
            charts.show(news.report);
            steps.show(news.report);
            trained.show([]);
            app.say(`Training ${runs.map(({ title }) => title).join(' and ')} …`);
            break;
          case 'step':
            steps.step(news);
            break;
          case 'point':
            charts.add(news.run, news.point);
            steps.point(news.run, news.point);
            break;
          case 'not stored':
            warning.textContent = news.message;
        }
      },
    };
  }

  async function train(name: Name): Promise<void> {
    const before = state;
    work = new AbortController();
    isStopping = false;
    runs = [];
    warning.textContent = '';
    steps.begin();
    setState('running');
    let end: State = 'idle';
    let how = 'done';
    await app.attempt(async () => {
      try {
        app.say('Reading the images …');
        const worker = await openTrainer(name);
        await (name === 'startTraining'
          ? worker.call(name, { plan: form.plan(), source: source() }, listen())
          : worker.call(name, { source: source() }, listen()));
        app.say('Training is done.');
      } catch (error) {
        if (isLost(error) || (error instanceof CallError && error.code === 'WORKER_FAILED')) {
          trainer?.end();
          trainer = undefined;
          runs = [];
          await offerStored();
        }
        how = 'failed';
        if (isAborted(error)) {
          how = isStopping ? 'stopped' : 'paused';
          if (!isStopping) end = 'paused';
          app.say(`Training is ${how}.`);
        }
        throw error;
      }
    });
    if (isStopping) await trainer?.call('endTraining', {});
    if (runs.length > 0) {
      steps.end(how);
      trained.show(runs);
    } else {
      steps.end(undefined);
      // What was paused and did not begin again still can.
      end = isStopping ? 'idle' : before;
    }
    setState(end);
  }

  const start = () => train('startTraining');
  const resume = () => train('resumeTraining');

  async function pauseOrResume(): Promise<void> {
    if (state === 'paused') return resume();
    work.abort();
    setState('running');
  }

  async function stop(): Promise<void> {
    if (state === 'running') {
      isStopping = true;
      work.abort();
      setState('running');
      return;
    }
    await app.attempt(async () => {
      await trainer?.call('endTraining', {});
      steps.end('stopped');
      setState('idle');
      app.say('Training is stopped.');
    });
  }

  async function goOn(): Promise<void> {
    document.getElementById(panel.getAttribute('aria-labelledby')!)!.click();
    if (state !== 'idle' || !found) return;
    const { plan } = found;
    form.show(plan);
    if (plan.data === 'cifar10' && form.files().length === 0) {
      warning.textContent = 'The images are not stored. Choose the files of CIFAR-10 again, then “Go on”.';
      return;
    }
    await resume();
  }

  const discard = () =>
    app.attempt(async () => {
      await app.worker.call('endTraining', {});
      stored.hide();
      app.say('The stored training is discarded.');
    });

  const save = (run: number, format: TrainedFormat, title: string) =>
    app.attempt(async () => {
      const bytes = await trainer!.call('saveTrained', { run, format });
      download(`${title.toLowerCase().replace('-', '')}.${format}`, bytes);
    });

  async function offerStored(): Promise<void> {
    try {
      found = await app.worker.call('storedTraining', {});
      if (found) stored.show(found);
    } catch (error) {
      warning.textContent = messageOf(error);
    }
  }
  void offerStored();

  const panel = element(
    'div',
    {
      class: 'training',
      ondrop: (event: DragEvent) => {
        const files = [...(event.dataTransfer?.files ?? [])];
        if (!files.some(({ name }) => CIFAR_FILE.test(name))) return;
        // Else the page would take the first of them alone.
        event.preventDefault();
        event.stopPropagation();
        document.body.classList.remove('dragging');
        form.take(files);
      },
    },
    form.element,
    element(
      'section',
      { class: 'result', 'aria-label': 'Training' },
      element('div', { class: 'buttons' }, pauseButton, stopButton),
      warning,
      steps.element,
      charts.element,
      trained.element,
    ),
  );
  setState('idle');

  return {
    title: 'Train',
    panel,
    offer: stored.element,
    takePicture: (file) => form.take([file]),
    hidden: () => {},
  };
}
