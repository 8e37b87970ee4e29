import type { Image } from '@resnet/data';
import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { drawImage } from '../images/draw-image.js';
import { pictureChooser } from '../images/picture-chooser.js';
import type { CallError } from '../worker/client.js';
import { classList, type ListedClass } from './class-list.js';

/** Classes in the list. */
const TOP = 5;

const EMPTY = 'No picture yet';
const WHERE = 'Where it sees the class';

/** What the network sees in a picture, and where. */
export function classifyView(app: App): View {
  const chooser = pictureChooser(app, (file) => void classify(file));
  const list = classList((listed) => void app.attempt(() => explain(listed)));
  const seen = element('canvas', { class: 'seen', width: 32, height: 32, role: 'img', 'aria-label': EMPTY });
  const overlay = element('canvas', { width: 256, height: 256, role: 'img', 'aria-label': EMPTY });
  const where = element('figcaption', {}, WHERE);
  const time = element('p', { class: 'time' }, 'Choose a picture to begin.');
  /** The picture that was chosen last, and what is under way for it. */
  let file: File | undefined;
  let current: { seen: Image; shown: Image } | undefined;
  let work = new AbortController();

  async function classify(picture: File): Promise<void> {
    file = picture;
    await app.attempt(async () => {
      work.abort();
      work = new AbortController();
      const { signal } = work;
      const { name } = picture;
      app.say(`Looking at ${name} …`);
      const bytes = await picture.arrayBuffer();
      const answer = app.worker.call('classify', { name, bytes }, { signal, transfer: [bytes] });
      const found = await answer.catch((error: CallError) => {
        // No other network could do more with it.
        if (error.code === 'IMAGE_INVALID') file = undefined;
        throw error;
      });
      signal.throwIfAborted();
      const classNames = app.network!.classNames;
      const classes = topOf(found.probabilities, classNames);
      current = found;
      app.picture = picture;
      drawImage(seen, found.seen);
      seen.setAttribute('aria-label', `${name} as the network sees it`);
      list.show(classes);
      const [first] = classes;
      app.say(`${name}: ${first!.name}, ${(100 * first!.probability).toFixed(1)} %.`);
      await explain(first!);
      const { milliseconds, runs } = await app.worker.call('measure', { image: found.seen }, { signal });
      signal.throwIfAborted();
      time.textContent = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms an image (median of ${runs} after the first)`;
    });
  }

  async function explain({ index, name }: ListedClass): Promise<void> {
    const { signal } = work;
    const map = await app.worker.call('explain', { ...current!, index }, { signal });
    drawImage(overlay, map);
    overlay.setAttribute('aria-label', `Where the network sees ${name}`);
    where.textContent = `Where it sees ${name} (Grad-CAM)`;
    list.mark(index);
  }

  /** Takes away what another network said, until the one that is open can be asked. */
  function forget(): void {
    work.abort();
    if (current) drawImage(overlay, current.shown);
    current = undefined;
    where.textContent = WHERE;
    list.show([]);
    time.textContent = 'The picture is looked at once the normalization is known.';
  }

  app.onNetwork(() => {
    if (!file) return;
    if (app.network!.normalization === undefined) forget();
    else void classify(file);
  });

  return {
    title: 'Classify',
    panel: element(
      'div',
      { class: 'classify' },
      chooser.element,
      element(
        'section',
        { class: 'result', 'aria-label': 'Result' },
        element(
          'div',
          { class: 'figures' },
          element('figure', {}, overlay, where),
          element('figure', {}, seen, element('figcaption', {}, 'As the network sees it')),
        ),
        element('div', { class: 'answer' }, list.element, time),
      ),
    ),
    takePicture: chooser.take,
    hidden: chooser.stop,
  };
}

function topOf(probabilities: Float32Array, names: readonly string[]): ListedClass[] {
  return Array.from(probabilities, (probability, index) => ({ index, probability, name: names[index]! }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, TOP);
}
