import type { Image } from '@resnet/data';
import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { drawImage } from '../images/draw-image.js';
import { isSvg } from '../images/picture-chooser.js';
import { rasterize } from '../images/rasterize.js';
import { readSample, SAMPLES, type Sample } from '../images/samples.js';
import type { CallError } from '../worker/client.js';
import type { LayerReport } from '../worker/inside/layer-report.js';
import type { NetworkReport } from '../worker/network-report.js';
import { type Drawing, drawing } from './inside/drawing.js';
import { AT_A_TIME, layerDetails } from './inside/layer-details.js';
import type { ShortcutKind } from './inside/layout.js';
import { responseChart } from './inside/response-chart.js';

const LEGEND: Record<ShortcutKind, string> = {
  identity: 'identity shortcut',
  A: 'option A: identity, with zeros for new channels',
  projection: 'projection shortcut: 1×1 convolution',
  carry: 'carried: a gate mixes it in',
};

const CHOOSE = 'Choose a layer: it shows what it gives for the picture.';

/** The network's layers, and what each gives for a picture. */
export function lookInsideView(app: App): View {
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
    {
      id: 'inside-sample',
      onchange: () => void choose(async () => rasterize(await readSample(select.value as Sample))),
    },
    element('option', { value: '', disabled: true, selected: true }, 'a drawing …'),
    ...SAMPLES.map((name) => element('option', { value: name }, name)),
  );
  const legend = element('ul', { class: 'legend' });
  const frame = element('div', { class: 'frame' });
  const chart = responseChart((name) => void open(name));
  const details = layerDetails((first) => void app.attempt(() => showMore(first)));

  let isShown = false;
  /** What is under way: for a network and a picture, and for one of their layers. */
  let updating = new AbortController();
  let opening = new AbortController();
  /** What is drawn. */
  let network: NetworkReport | undefined;
  let layers: LayerReport[] = [];
  let drawn: Drawing | undefined;
  /** The picture that the layers are computed for, and the same as the network sees it. */
  let picture: File | undefined;
  let image: Image | undefined;
  /** The name of the layer that is open. */
  let opened: string | undefined;

  function stop(): void {
    updating.abort();
    opening.abort();
  }

  async function choose(read: () => Promise<File>): Promise<void> {
    await app.attempt(async () => {
      const file = await read();
      app.picture = file;
      await update();
    });
  }

  /** Draws the network that is open, and computes it for the picture. */
  async function update(): Promise<void> {
    stop();
    updating = new AbortController();
    const { signal } = updating;
    const current = app.network;
    if (!current) throw new Error('There is no network yet: open a file of weights.');
    if (network !== current) await drawNetwork(current, signal);
    app.picture ??= await rasterize(await readSample('ship'));
    await look(app.picture, signal);
    const isStill = layers.some(({ name }) => name === opened);
    if (opened !== undefined && isStill) await show(opened, signal);
    else if (opened !== undefined) close(`${current.name} has no layer ${opened}. ${CHOOSE}`);
    app.say(`Inside ${current.name}, with ${picture!.name}.`);
  }

  async function drawNetwork(current: NetworkReport, signal: AbortSignal): Promise<void> {
    layers = await app.worker.call('describeLayers', {}, { signal });
    signal.throwIfAborted();
    network = current;
    drawn = drawing(`Layers of ${current.name}`, layers, (number) => void open(layers[number]!.name));
    frame.replaceChildren(drawn.element);
    const items = [...drawn.kinds].map((kind) => element('li', { 'data-kind': kind }, LEGEND[kind]));
    legend.replaceChildren(...(items.length > 0 ? items : [element('li', {}, 'no shortcuts')]));
    image = undefined;
    caption.textContent = 'No picture yet';
    chart.clear();
    details.clear(CHOOSE);
    await drawn.fill();
  }

  async function look(file: File, signal: AbortSignal): Promise<void> {
    const { name } = file;
    app.say(`Computing every layer for ${name} …`);
    const bytes = await file.arrayBuffer();
    const answer = app.worker.call('classify', { name, bytes }, { signal, transfer: [bytes] });
    const found = await answer.catch((error: CallError) => {
      // No other network could do more with it.
      if (error.code === 'IMAGE_INVALID') app.picture = picture;
      throw error;
    });
    signal.throwIfAborted();
    const responses = await app.worker.call('measureLayers', { seen: found.seen }, { signal });
    signal.throwIfAborted();
    image = found.seen;
    picture = file;
    drawImage(seen, image);
    seen.setAttribute('aria-label', `${name} as the network sees it`);
    caption.textContent = name;
    if (!SAMPLES.some((sample) => sample === select.value && name === `${sample}.svg`)) select.value = '';
    chart.show(responses, name);
    chart.mark(opened);
  }

  async function open(name: string): Promise<void> {
    await app.attempt(async () => {
      if (!image) {
        throw new Error(
          'The network has not looked at a picture yet: it takes the normalization of its images, and a picture that you drop, paste or choose.',
        );
      }
      await show(name, beginOpening());
      app.say(`${name}, with ${picture!.name}.`);
    });
  }

  function beginOpening(): AbortSignal {
    opening.abort();
    opening = new AbortController();
    return opening.signal;
  }

  async function show(name: string, signal: AbortSignal): Promise<void> {
    const number = layers.findIndex((layer) => layer.name === name);
    const shown = await ask(name, 0, signal);
    opened = name;
    details.show(layers[number]!, shown, number === layers.length - 1 ? network!.classNames : undefined);
    drawn!.mark(number);
    chart.mark(name);
  }

  async function showMore(first: number): Promise<void> {
    const { maps } = await ask(opened!, first, beginOpening());
    if (maps) details.addMaps(maps);
  }

  async function ask(name: string, first: number, signal: AbortSignal) {
    const params = { seen: image!, name, first, count: AT_A_TIME };
    const shown = await app.worker.call('showLayer', params, { signal });
    signal.throwIfAborted();
    return shown;
  }

  function close(text: string): void {
    opened = undefined;
    details.clear(text);
    drawn?.mark(undefined);
    chart.mark(undefined);
  }

  app.onNetwork(() => {
    stop();
    network = undefined;
    if (isShown) void app.attempt(update);
  });

  details.clear(CHOOSE);
  return {
    title: 'Look inside',
    panel: element(
      'div',
      { class: 'inside' },
      element(
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
      frame,
      chart.element,
      details.element,
    ),
    takePicture: (file) => void choose(async () => (isSvg(file) ? rasterize(file) : file)),
    shown: () => {
      isShown = true;
      if (network !== app.network || !network || picture !== app.picture) void app.attempt(update);
    },
    hidden: () => {
      isShown = false;
    },
  };
}
