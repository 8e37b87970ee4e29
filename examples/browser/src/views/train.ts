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

/** Trains networks, and shows how they learn. */
export class TrainView implements View {
  readonly title = 'Train';
  readonly panel: HTMLElement;
  readonly #app: App;
  readonly #form = planForm(() => void this.#train('startTraining'));
  readonly #charts = curves();
  readonly #steps = progress();
  readonly #trained = results((run, format, title) => void this.#save(run, format, title));
  readonly #warning = element('p', { class: 'warning', role: 'alert' });
  readonly #pauseButton = element(
    'button',
    { type: 'button', onclick: () => void this.#pauseOrResume() },
    'Pause',
  );
  readonly #stopButton = element('button', { type: 'button', onclick: () => void this.#stop() }, 'Stop');
  readonly #stored = offer({ onGoOn: () => void this.#goOn(), onDiscard: () => void this.#discard() });
  #found: TrainingReport | undefined;
  /** A second worker: a worker does one call after another, and the page's must still answer. Made when first needed. */
  #trainer: WorkerClient | undefined;
  #trainerBackend: BackendChoice | undefined;
  #state: State = 'idle';
  #work = new AbortController();
  /** Of the training that has begun, if any has. */
  #runs: TrainingReport['runs'] = [];
  /** Whether the training that is being aborted will not be resumed. */
  #isStopping = false;

  constructor(app: App) {
    this.#app = app;
    this.panel = element(
      'div',
      { class: 'training', ondrop: (event: DragEvent) => this.#takeDropped(event) },
      this.#form.element,
      element(
        'section',
        { class: 'result', 'aria-label': 'Training' },
        element('div', { class: 'buttons' }, this.#pauseButton, this.#stopButton),
        this.#warning,
        this.#steps.element,
        this.#charts.element,
        this.#trained.element,
      ),
    );
    this.#setState('idle');
    void this.#offerStored();
  }

  /** To be shown above the tabs: it offers to resume the training that was stored. */
  get offer(): HTMLElement {
    return this.#stored.element;
  }

  takePicture(file: File): void {
    this.#form.take([file]);
  }

  hidden(): void {}

  #takeDropped(event: DragEvent): void {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.some(({ name }) => CIFAR_FILE.test(name))) return;
    // Else the page would take only the first of them.
    event.preventDefault();
    event.stopPropagation();
    document.body.classList.remove('dragging');
    this.#form.take(files);
  }

  #setState(next: State): void {
    this.#state = next;
    this.#form.setDisabled(next !== 'idle');
    this.#pauseButton.textContent = next === 'paused' ? 'Resume' : 'Pause';
    this.#pauseButton.disabled = next === 'idle' || (next === 'running' && this.#work.signal.aborted);
    this.#stopButton.disabled = this.#pauseButton.disabled;
  }

  /** Opens the second worker on the page's backend; a training that is resumed stays on the backend that it has. */
  async #openTrainer(name: Name): Promise<WorkerClient> {
    const { backend } = this.#app;
    if (this.#trainer && (name === 'resumeTraining' || this.#trainerBackend === backend))
      return this.#trainer;
    this.#endTrainer();
    const made = new WorkerClient();
    this.#trainerBackend = backend;
    await made.call('startBackend', { choice: backend });
    this.#trainer = made;
    return made;
  }

  #endTrainer(): void {
    this.#trainer?.end();
    this.#trainer = undefined;
  }

  #source(): DataSource {
    return { digits: new URL('digits.bin', document.baseURI).href, files: this.#form.files() };
  }

  #listen(): CallOptions<Name> {
    return {
      signal: this.#work.signal,
      onProgress: (news) => {
        switch (news.kind) {
          case 'started':
            this.#showStarted(news.report);
            break;
          case 'step':
            this.#steps.step(news);
            break;
          case 'point':
            this.#charts.add(news.run, news.point);
            this.#steps.point(news.run, news.point);
            break;
          case 'not stored':
            this.#warning.textContent = news.message;
        }
      },
    };
  }

  #showStarted(report: TrainingReport): void {
    this.#runs = report.runs;
    this.#stored.hide();
    this.#form.show(report.plan);
    this.#charts.show(report);
    this.#steps.show(report);
    this.#trained.show([]);
    this.#app.say(`Training ${report.runs.map(({ title }) => title).join(' and ')} …`);
  }

  async #train(name: Name): Promise<void> {
    const before = this.#state;
    this.#work = new AbortController();
    this.#isStopping = false;
    this.#runs = [];
    this.#warning.textContent = '';
    this.#steps.begin();
    this.#setState('running');
    let outcome = 'done';
    await this.#app.attempt(async () => {
      try {
        await this.#callTrainer(name);
      } catch (error) {
        outcome = await this.#outcomeOf(error);
        throw error;
      }
    });
    if (this.#isStopping) await this.#trainer?.call('endTraining', {});
    if (this.#runs.length > 0) {
      this.#steps.end(outcome);
      this.#trained.show(this.#runs);
      this.#setState(outcome === 'paused' ? 'paused' : 'idle');
    } else {
      this.#steps.end(undefined);
      // A training that was paused, and did not begin again, can still be resumed.
      this.#setState(this.#isStopping ? 'idle' : before);
    }
  }

  async #callTrainer(name: Name): Promise<void> {
    this.#app.say('Reading the images …');
    const worker = await this.#openTrainer(name);
    const source = this.#source();
    await (name === 'startTraining'
      ? worker.call(name, { plan: this.#form.plan(), source }, this.#listen())
      : worker.call(name, { source }, this.#listen()));
    this.#app.say('Training is done.');
  }

  /** Whether an error of a training means that it was 'paused' or 'stopped', or that it 'failed'. */
  async #outcomeOf(error: unknown): Promise<'paused' | 'stopped' | 'failed'> {
    if (isLost(error) || (error instanceof CallError && error.code === 'WORKER_FAILED')) {
      this.#endTrainer();
      this.#runs = [];
      await this.#offerStored();
    }
    if (!isAborted(error)) return 'failed';
    const outcome = this.#isStopping ? 'stopped' : 'paused';
    this.#app.say(`Training is ${outcome}.`);
    return outcome;
  }

  async #pauseOrResume(): Promise<void> {
    if (this.#state === 'paused') return this.#train('resumeTraining');
    this.#work.abort();
    this.#setState('running');
  }

  async #stop(): Promise<void> {
    if (this.#state === 'running') {
      this.#isStopping = true;
      this.#work.abort();
      this.#setState('running');
      return;
    }
    await this.#app.attempt(async () => {
      await this.#trainer?.call('endTraining', {});
      this.#steps.end('stopped');
      this.#setState('idle');
      this.#app.say('Training is stopped.');
    });
  }

  async #goOn(): Promise<void> {
    document.getElementById(this.panel.getAttribute('aria-labelledby')!)!.click();
    if (this.#state !== 'idle' || !this.#found) return;
    const { plan } = this.#found;
    this.#form.show(plan);
    if (plan.data === 'cifar10' && this.#form.files().length === 0) {
      this.#warning.textContent =
        'The images are not stored. Choose the files of CIFAR-10 again, then “Go on”.';
      return;
    }
    await this.#train('resumeTraining');
  }

  async #discard(): Promise<void> {
    await this.#app.attempt(async () => {
      await this.#app.worker.call('endTraining', {});
      this.#stored.hide();
      this.#app.say('The stored training is discarded.');
    });
  }

  async #save(run: number, format: TrainedFormat, title: string): Promise<void> {
    await this.#app.attempt(async () => {
      const bytes = await this.#trainer!.call('saveTrained', { run, format });
      download(`${title.toLowerCase().replace('-', '')}.${format}`, bytes);
    });
  }

  async #offerStored(): Promise<void> {
    try {
      this.#found = await this.#app.worker.call('storedTraining', {});
      if (this.#found) this.#stored.show(this.#found);
    } catch (error) {
      this.#warning.textContent = messageOf(error);
    }
  }
}
