import { element } from '../../dom.js';
import type { ShownLayer } from '../../worker/handlers/show-layer.js';
import type { LayerReport } from '../../worker/inside/layer-report.js';
import type { Pictures } from '../../worker/inside/pictures.js';
import type { Statistics } from '../../worker/inside/statistics.js';
import { digits, kindOf, times } from './words.js';

/** Pictures and bars at a time. */
export const AT_A_TIME = 64;

/** What a layer is, and what it gives for the image. */
export function layerDetails(askForMore: (first: number) => void) {
  const box = element('section', { class: 'layer-details', 'aria-label': 'Layer' });
  let maps: { grid: HTMLElement; more: HTMLButtonElement; channels: number } | undefined;

  function clear(text: string): void {
    maps = undefined;
    box.replaceChildren(element('p', { class: 'detail' }, text));
  }

  /** @param names of the classes, if it is the last layer */
  function show(layer: LayerReport, shown: ShownLayer, names: readonly string[] | undefined): void {
    maps = undefined;
    const content: HTMLElement[] = [
      element('h2', {}, layer.name),
      list(factsOf(layer)),
      list(numbersOf(shown, layer)),
    ];
    if (shown.values) {
      content.push(element('h3', {}, names ? 'Logits' : 'Values'), valueBars(shown.values, names));
    }
    if (shown.maps) {
      const grid = element('div', { class: 'maps' });
      const more = element(
        'button',
        { type: 'button', onclick: () => askForMore(grid.childElementCount) },
        '',
      );
      maps = { grid, more, channels: shown.channels };
      content.push(element('h3', {}, 'Maps'), grid, more);
    }
    if (shown.filters) {
      const grid = element('div', { class: 'maps filters' });
      grid.append(...figuresOf(shown.filters, 0, 'filter'));
      content.push(element('h3', {}, 'Filters'), grid);
    }
    box.replaceChildren(...content);
    if (shown.maps) addMaps(shown.maps);
  }

  function addMaps(pictures: Pictures): void {
    if (!maps) return;
    const { grid, more, channels } = maps;
    grid.append(...figuresOf(pictures, grid.childElementCount, 'channel'));
    const left = channels - grid.childElementCount;
    more.textContent = `${Math.min(AT_A_TIME, left)} more of ${channels} channels`;
    more.hidden = left === 0;
  }

  return { element: box, show, addMaps, clear };
}

function list(entries: readonly (readonly [name: string, value: string])[]): HTMLElement {
  return element(
    'dl',
    { class: 'numbers-of-layer' },
    ...entries.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

function factsOf(layer: LayerReport): [name: string, value: string][] {
  const { filter, inputShape, outputShape, parameters, multiplyAdds } = layer;
  const count = (value: number) => value.toLocaleString('en-GB');
  const facts: [string, string][] = [
    ['Kind', kindOf(layer)],
    ['Takes', times(inputShape)],
    ['Gives', times(outputShape)],
  ];
  if (filter) {
    const { shape, stride } = filter;
    facts.push(['Filters', `${shape[3]} of ${times(shape.slice(0, 3))}`], ['Stride', String(stride)]);
  }
  if (parameters > 0) facts.push(['Parameters', count(parameters)]);
  if (multiplyAdds > 0) facts.push(['Multiply-adds', count(multiplyAdds)]);
  return facts;
}

const STATISTICS: Record<keyof Statistics, string> = {
  mean: 'Mean',
  std: 'Standard deviation',
  smallest: 'Smallest',
  largest: 'Largest',
  zeroShare: 'Zeros',
};

function numbersOf(
  { statistics, channels, deadChannels, deadIn }: ShownLayer,
  { name }: LayerReport,
): [name: string, value: string][] {
  const after = deadIn === name ? '' : `, after ${deadIn}`;
  return [
    ...Object.entries(STATISTICS).map(([key, name]): [string, string] => {
      const value = statistics[key as keyof Statistics];
      return [name, key === 'zeroShare' ? `${(100 * value).toFixed(1)} %` : digits(value)];
    }),
    ['Dead channels', `${deadChannels} of ${channels}${after}`],
  ];
}

function figuresOf({ height, width, pixels, ranges }: Pictures, first: number, name: string): HTMLElement[] {
  const bytes = height * width * 4;
  return ranges.map(({ smallest, largest }, index) => {
    const range = `${digits(smallest)} to ${digits(largest)}`;
    const label = `${name} ${first + index}, ${range}`;
    const canvas = element('canvas', { width, height, role: 'img', 'aria-label': label, title: label });
    const data = pixels.subarray(index * bytes, (index + 1) * bytes);
    canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
    return element('figure', {}, canvas, element('figcaption', {}, range));
  });
}

/** Numbers as bars from 0: classes from the largest number on, channels in their order. */
function valueBars(values: Float32Array, names: readonly string[] | undefined): HTMLElement {
  const entries = Array.from(values, (value, index) => ({
    value,
    name: names?.[index] ?? `channel ${index}`,
  }));
  if (names) entries.sort((a, b) => b.value - a.value);
  const smallest = values.reduce((least, value) => Math.min(least, value), 0);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const scale = 100 / (largest - smallest || 1);
  const bars = element(
    'ol',
    { class: 'values' },
    ...entries.slice(0, AT_A_TIME).map(({ name, value }) => {
      const bar = element('span', { class: value < 0 ? 'below' : 'above' });
      bar.style.left = `${(Math.min(0, value) - smallest) * scale}%`;
      bar.style.width = `${Math.abs(value) * scale}%`;
      return element(
        'li',
        {},
        element('span', { class: 'name' }, name),
        element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
        element('span', { class: 'value' }, digits(value)),
      );
    }),
  );
  const left = entries.length - AT_A_TIME;
  return left > 0 ? element('div', {}, bars, element('p', { class: 'detail' }, `and ${left} more`)) : bars;
}
