import { element } from '../../dom.js';
import type { Response } from '../../worker/handlers/measure-layers.js';
import { moveByKeys } from './keys.js';
import { svg } from './svg.js';
import { digits } from './words.js';

/** Sizes in pixels. */
const WIDTH = 900;
const HEIGHT = 200;
const MARGIN = { left: 46, right: 10, top: 10, bottom: 34 };

/** How strongly each 3×3 layer responds to the image: the paper's Figure 7. Layers are buttons. */
export function responseChart(onOpen: (name: string) => void) {
  const box = element('div', { class: 'response-chart' });
  const caption = element('figcaption');
  let names: string[] = [];
  let mark: (index: number | undefined) => void = () => {};

  function show(responses: readonly Response[], image: string): void {
    names = responses.map(({ name }) => name);
    caption.textContent =
      responses.length === 0
        ? 'The network has no 3×3 layers.'
        : `Standard deviation of what each of the ${responses.length} 3×3 layers gives for ${image}, before its ReLU: the paper’s Figure 7 for one image.`;
    box.replaceChildren(...(responses.length === 0 ? [] : [draw(responses)]));
  }

  function draw(responses: readonly Response[]): SVGSVGElement {
    const top = niceAbove(Math.max(...responses.map(({ std }) => std)));
    const step = (WIDTH - MARGIN.left - MARGIN.right) / responses.length;
    const bottom = HEIGHT - MARGIN.bottom;
    const x = (index: number) => MARGIN.left + (index + 0.5) * step;
    const y = (std: number) => bottom - (std / top) * (bottom - MARGIN.top);
    const buttons = responses.map(({ name, std }, index) => {
      const label = `${name}, standard deviation ${digits(std)}`;
      return svg(
        'g',
        { class: 'response', 'aria-label': label, 'data-name': name, 'data-std': std },
        svg('title', {}, label),
        svg('rect', { x: x(index) - step / 2, y: MARGIN.top, width: step, height: bottom - MARGIN.top }),
        svg('circle', { cx: x(index), cy: y(std), r: Math.max(2, Math.min(4, step / 3)) }),
      );
    });
    mark = moveByKeys(
      buttons,
      (key, index) =>
        ({
          ArrowRight: index + 1,
          ArrowDown: index + 1,
          ArrowLeft: index - 1,
          ArrowUp: index - 1,
          Home: 0,
          End: buttons.length - 1,
        })[key],
      (index) => onOpen(names[index]!),
    );
    return svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'group', 'aria-label': 'Responses of the 3×3 layers' },
      ...[0, top / 2, top].flatMap((std) => [
        svg('path', { class: 'grid', d: `M${MARGIN.left} ${y(std)}H${WIDTH - MARGIN.right}` }),
        svg('text', { class: 'tick', x: MARGIN.left - 6, y: y(std) + 4 }, digits(std)),
      ]),
      svg('text', { x: MARGIN.left, y: HEIGHT - 8 }, names[0]!),
      svg('text', { class: 'tick', x: WIDTH - MARGIN.right, y: HEIGHT - 8 }, names.at(-1)!),
      svg('polyline', { points: responses.map(({ std }, index) => `${x(index)},${y(std)}`).join(' ') }),
      ...buttons,
    );
  }

  return {
    element: element('figure', { class: 'responses' }, caption, box),
    show,
    clear: () => {
      names = [];
      caption.textContent = '';
      box.replaceChildren();
    },
    /** Shows which layer is open. */
    mark: (name: string | undefined) => {
      if (names.length === 0) return;
      const index = names.indexOf(name ?? '');
      mark(index < 0 ? undefined : index);
    },
  };
}

/** The next of 1, 2 and 5 times a power of ten. */
function niceAbove(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value)!;
}
