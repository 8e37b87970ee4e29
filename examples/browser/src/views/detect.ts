import type { App, View } from '../app.js';
import { detectorPanel } from '../detect/detector-panel.js';
import { drawObjects } from '../detect/draw-objects.js';
import { element } from '../dom.js';
import { pictureChooser } from '../images/picture-chooser.js';
import { SCENES } from '../images/samples.js';
import type { CallError } from '../worker/client.js';
import type { Detected } from '../worker/handlers/detect.js';

/** Shown at first; the slider changes it. */
const LEAST_PROBABILITY = 0.5;

/** Which objects a detector finds in a picture, and where. */
export class DetectView implements View {
  readonly title = 'Detect';
  readonly panel: HTMLElement;
  readonly #app: App;
  readonly #detector;
  readonly #chooser;
  readonly #canvas = element('canvas', {
    ...{ class: 'objects', width: 512, height: 512, role: 'img', 'aria-label': 'No picture yet' },
  });
  readonly #list = element('ol', { class: 'found' });
  readonly #least = element('input', {
    ...{ type: 'range', id: 'least-probability', min: 0.05, max: 0.95, step: 0.05, value: LEAST_PROBABILITY },
    oninput: () => this.#show(),
  });
  readonly #leastText = element('output', { for: 'least-probability' });
  readonly #time = element('p', { class: 'time' }, 'Choose a picture to begin.');
  #isOpen = false;
  /** The picture that was chosen last. */
  #file: File | undefined;
  /** What was found last, and the name of its picture. */
  #found: (Detected & { name: string }) | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#detector = detectorPanel(app, () => {
      this.#isOpen = true;
      if (this.#file) void this.#detect(this.#file);
    });
    this.#chooser = pictureChooser(
      app,
      { id: 'scene-file', samples: SCENES },
      (file) => void this.#detect(file),
    );
    this.panel = element(
      'div',
      { class: 'detect' },
      this.#detector.element,
      element(
        'div',
        { class: 'classify' },
        this.#chooser.element,
        element(
          'section',
          { class: 'result', 'aria-label': 'Objects' },
          this.#canvas,
          element(
            'p',
            { class: 'field' },
            element('label', { for: this.#least.id }, 'Probability of at least'),
            this.#least,
            this.#leastText,
          ),
          this.#list,
          this.#time,
        ),
      ),
    );
    this.#show();
  }

  /** Opens the built-in detector the first time. */
  shown(): void {
    if (!this.#isOpen) void this.#detector.openBuiltIn();
  }

  hidden(): void {
    this.#chooser.stop();
  }

  takePicture(file: File): void {
    this.#chooser.take(file);
  }

  takeWeights(file: File): void {
    void this.#detector.open(file);
  }

  async #detect(picture: File): Promise<void> {
    const app = this.#app;
    this.#file = picture;
    await app.attempt(async () => {
      const { name } = picture;
      app.say(`Looking at ${name} …`);
      const bytes = await picture.arrayBuffer();
      const answer = app.worker.call('findObjects', { name, bytes }, { transfer: [bytes] });
      const found = await answer.catch((error: CallError) => {
        // Another detector could not read it either.
        if (error.code === 'IMAGE_INVALID' && this.#file === picture) this.#file = undefined;
        throw error;
      });
      // Another picture was chosen meanwhile.
      if (this.#file !== picture) return;
      this.#found = { ...found, name };
      this.#time.textContent = `${found.milliseconds.toFixed(0)} ms, ${found.image.width} × ${found.image.height} pixels`;
      const shown = this.#show();
      app.say(`${name}: ${shown === 1 ? '1 object' : `${shown} objects`}.`);
    });
  }

  /** Draws and lists what is sure enough. @returns how many that are */
  #show(): number {
    const least = Number(this.#least.value);
    this.#leastText.textContent = `${(100 * least).toFixed(0)} %`;
    if (!this.#found) return 0;
    const { image, objects, name } = this.#found;
    const shown = objects.filter(({ probability }) => probability >= least);
    drawObjects(this.#canvas, image, shown);
    const words = shown.map(({ name, probability }) => `${name} ${(100 * probability).toFixed(1)} %`);
    this.#canvas.setAttribute('aria-label', `${name}: ${words.join(', ') || 'nothing is found'}`);
    this.#list.replaceChildren(
      ...shown.map(({ name, probability, box }) =>
        element(
          'li',
          {},
          element('span', { class: 'name' }, name),
          element('span', { class: 'percent' }, `${(100 * probability).toFixed(1)} %`),
          element('span', { class: 'box' }, box.map(Math.round).join(', ')),
        ),
      ),
    );
    return shown.length;
  }
}
