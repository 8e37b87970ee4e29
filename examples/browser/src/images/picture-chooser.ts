import type { App } from '../app.js';
import { element } from '../dom.js';
import { fileButton } from '../file-button.js';
import { camera } from './camera.js';
import { rasterize } from './rasterize.js';
import { readSample, type Sample, sampleUrl } from './samples.js';

/**
 * All sources of pictures: a file, the camera, a sample, and `take` for files that are dropped or pasted.
 *
 * @param id of its input, which no other on the page has
 */
export function pictureChooser(
  app: App,
  { id, samples }: { id: string; samples: readonly Sample[] },
  onPicture: (file: File) => void,
) {
  const chosen = fileButton({ id, accept: 'image/*', text: 'Choose picture …' }, (file) => take(file));
  const { button, box, stop } = camera(app, onPicture);

  const takeNow = async (file: File) => onPicture(isSvg(file) ? await rasterize(file) : file);
  const take = (file: File) => void app.attempt(() => takeNow(file));

  const buttons = samples.map((sample) =>
    element(
      'button',
      {
        type: 'button',
        class: 'sample',
        title: `Drawing: ${sample.name}`,
        onclick: () => void app.attempt(async () => takeNow(await readSample(sample))),
      },
      element('img', { src: sampleUrl(sample), alt: `Drawing: ${sample.name}`, width: 64, height: 64 }),
    ),
  );
  return {
    element: element(
      'section',
      { class: 'chooser', 'aria-label': 'Picture' },
      element(
        'div',
        { class: 'drop' },
        element('p', {}, 'Drop or paste a picture or a file of weights, or'),
        element('div', { class: 'buttons' }, ...chosen, button),
      ),
      box,
      element('div', { class: 'samples', role: 'group', 'aria-label': 'Samples' }, ...buttons),
    ),
    take,
    stop,
  };
}

/** Whether a file must be drawn before the worker can decode it. */
export function isSvg({ name, type }: File): boolean {
  return type === 'image/svg+xml' || /\.svg$/i.test(name);
}
