import type { Image } from '@resnet/data';
import { element } from '../../dom.js';
import { drawImage } from '../../images/draw-image.js';
import { DRAWINGS, type Sample } from '../../images/samples.js';
import type { ShortcutKind } from './layout.js';

const LEGEND: Record<ShortcutKind, string> = {
  identity: 'identity shortcut',
  A: 'option A: identity, with zeros for new channels',
  projection: 'projection shortcut: 1×1 convolution',
  carry: 'carried: a gate mixes it in',
};

/** The picture as the network sees it, with a choice of samples, and a legend of the network's shortcuts. */
export function picturePanel(onSample: (sample: Sample) => void) {
  const seen = element('canvas', {
    class: 'seen',
    width: 32,
    height: 32,
    role: 'img',
    'aria-label': 'No picture',
  });
  const caption = element('figcaption', {}, 'No picture yet');
  const select = element(
    'select',
    { id: 'inside-sample', onchange: () => onSample(DRAWINGS[Number(select.value)]!) },
    element('option', { value: '', disabled: true, selected: true }, 'a drawing …'),
    ...DRAWINGS.map(({ name }, index) => element('option', { value: index }, name)),
  );
  const legend = element('ul', { class: 'legend' });
  return {
    element: element(
      'section',
      { class: 'inside-picture', 'aria-label': 'Picture inside' },
      element('figure', {}, seen, caption),
      element(
        'div',
        {},
        element(
          'p',
          { class: 'field' },
          element('label', { for: select.id }, 'Drop or paste a picture, or choose'),
          select,
        ),
        legend,
      ),
    ),
    show(image: Image, name: string): void {
      drawImage(seen, image);
      seen.setAttribute('aria-label', `${name} as the network sees it`);
      caption.textContent = name;
      if (select.value !== '' && name !== `${DRAWINGS[Number(select.value)]!.name}.svg`) select.value = '';
    },
    clear(): void {
      caption.textContent = 'No picture yet';
    },
    showKinds(kinds: ReadonlySet<ShortcutKind>): void {
      const items = [...kinds].map((kind) => element('li', { 'data-kind': kind }, LEGEND[kind]));
      legend.replaceChildren(...(items.length > 0 ? items : [element('li', {}, 'no shortcuts')]));
    },
  };
}
