import type { Image } from '@resnet/data';
import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { drawImage } from '../images/draw-image.js';
import { pictureChooser } from '../images/picture-chooser.js';
import { DRAWINGS } from '../images/samples.js';
import type { CallError } from '../worker/client.js';
import { classList, type ListedClass } from './class-list.js';

/** Classes in the list. */
const TOP = 5;

const EMPTY = 'No picture yet';
const WHERE = 'Where it sees the class';

/** What the network sees in a picture, and where. */
export class ClassifyView implements View {
  readonly title = 'Classify';
  readonly panel: HTMLElement;
  readonly #app: App;
  readonly #chooser;
  readonly #list = classList((listed) => void this.#app.attempt(() => this.#explain(listed)));
  readonly #seen = canvas({ class: 'seen', width: 32, height: 32 });
  readonly #overlay = canvas({ width: 256, height: 256 });
  readonly #where = element('figcaption', {}, WHERE);
  readonly #time = element('p', { class: 'time' }, 'Choose a picture to begin.');
  /** The picture that was chosen last; what the worker said of it; and what stops the work for it. */
  #file: File | undefined;
  #current: { seen: Image; shown: Image } | undefined;
  #work = new AbortController();

  constructor(app: App) {
    this.#app = app;
    this.#chooser = pictureChooser(
      app,
      { id: 'picture-file', samples: DRAWINGS },
      (file) => void this.#classify(file),
    );
    this.panel = element(
      'div',
      { class: 'classify' },
      this.#chooser.element,
      element(
        'section',
        { class: 'result', 'aria-label': 'Result' },
        element(
          'div',
          { class: 'figures' },
          element('figure', {}, this.#overlay, this.#where),
          element('figure', {}, this.#seen, element('figcaption', {}, 'As the network sees it')),
        ),
        element('div', { class: 'answer' }, this.#list.element, this.#time),
      ),
    );
    app.onNetwork(() => {
      if (!this.#file) return;
      if (app.network!.normalization === undefined) this.#forget();
      else void this.#classify(this.#file);
    });
  }

  takePicture(file: File): void {
    this.#chooser.take(file);
  }

  hidden(): void {
    this.#chooser.stop();
  }

  async #classify(picture: File): Promise<void> {
    const app = this.#app;
    this.#file = picture;
    await app.attempt(async () => {
      this.#work.abort();
      this.#work = new AbortController();
      const { signal } = this.#work;
      const { name } = picture;
      app.say(`Looking at ${name} …`);
      const bytes = await picture.arrayBuffer();
      const answer = app.worker.call('classify', { name, bytes }, { signal, transfer: [bytes] });
      const found = await answer.catch((error: CallError) => {
        // Another network could not read it either.
        if (error.code === 'IMAGE_INVALID') this.#file = undefined;
        throw error;
      });
      signal.throwIfAborted();
      const classes = topOf(found.probabilities, app.network!.classNames);
      this.#current = found;
      app.picture = picture;
      drawImage(this.#seen, found.seen);
      this.#seen.setAttribute('aria-label', `${name} as the network sees it`);
      this.#list.show(classes);
      const [first] = classes;
      app.say(`${name}: ${first!.name}, ${(100 * first!.probability).toFixed(1)} %.`);
      await this.#explain(first!);
      const { milliseconds, runs } = await app.worker.call('measure', { image: found.seen }, { signal });
      signal.throwIfAborted();
      this.#time.textContent = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms an image (median of ${runs} after the first)`;
    });
  }

  async #explain({ index, name }: ListedClass): Promise<void> {
    const { signal } = this.#work;
    const map = await this.#app.worker.call('explain', { ...this.#current!, index }, { signal });
    drawImage(this.#overlay, map);
    this.#overlay.setAttribute('aria-label', `Where the network sees ${name}`);
    this.#where.textContent = `Where it sees ${name} (Grad-CAM)`;
    this.#list.mark(index);
  }

  /** Clears what another network said, until the one that is open can be asked. */
  #forget(): void {
    this.#work.abort();
    if (this.#current) drawImage(this.#overlay, this.#current.shown);
    this.#current = undefined;
    this.#where.textContent = WHERE;
    this.#list.show([]);
    this.#time.textContent = 'The picture is looked at once the normalization is known.';
  }
}

function canvas(attributes: { class?: string; width: number; height: number }): HTMLCanvasElement {
  return element('canvas', { ...attributes, role: 'img', 'aria-label': EMPTY });
}

function topOf(probabilities: Float32Array, names: readonly string[]): ListedClass[] {
  return Array.from(probabilities, (probability, index) => ({ index, probability, name: names[index]! }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, TOP);
}
