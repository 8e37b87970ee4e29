import type { Image } from '@resnet/data';
import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { isSvg } from '../images/picture-chooser.js';
import { rasterize } from '../images/rasterize.js';
import { DRAWINGS, readSample } from '../images/samples.js';
import type { CallError } from '../worker/client.js';
import type { LayerReport } from '../worker/inside/layer-report.js';
import type { NetworkReport } from '../worker/network-report.js';
import { type Drawing, drawing } from './inside/drawing.js';
import { AT_A_TIME, layerDetails } from './inside/layer-details.js';
import { picturePanel } from './inside/picture-panel.js';
import { responseChart } from './inside/response-chart.js';

const CHOOSE = 'Choose a layer: it shows what it gives for the picture.';

/** The network's layers, and what each gives for a picture. */
export class LookInsideView implements View {
  readonly title = 'Look inside';
  readonly panel: HTMLElement;
  readonly #app: App;
  readonly #picturePanel = picturePanel((sample) => {
    void this.#choose(async () => rasterize(await readSample(sample)));
  });
  readonly #frame = element('div', { class: 'frame' });
  readonly #chart = responseChart((name) => void this.#open(name));
  readonly #details = layerDetails((first) => void this.#app.attempt(() => this.#showMore(first)));

  #isShown = false;
  /** They stop the work under way: for a network and a picture, and for one of the layers. */
  #updating = new AbortController();
  #opening = new AbortController();
  /** What is drawn. */
  #network: NetworkReport | undefined;
  #layers: LayerReport[] = [];
  #drawn: Drawing | undefined;
  /** The picture that the layers are computed for, and the same as the network sees it. */
  #picture: File | undefined;
  #image: Image | undefined;
  /** The name of the layer that is open. */
  #opened: string | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#details.clear(CHOOSE);
    this.panel = element(
      'div',
      { class: 'inside' },
      this.#picturePanel.element,
      this.#frame,
      this.#chart.element,
      this.#details.element,
    );
    app.onNetwork(() => {
      this.#stop();
      this.#network = undefined;
      if (this.#isShown) void app.attempt(() => this.#update());
    });
  }

  takePicture(file: File): void {
    void this.#choose(async () => (isSvg(file) ? rasterize(file) : file));
  }

  shown(): void {
    this.#isShown = true;
    const { network, picture } = this.#app;
    if (this.#network !== network || !network || this.#picture !== picture) {
      void this.#app.attempt(() => this.#update());
    }
  }

  hidden(): void {
    this.#isShown = false;
  }

  #stop(): void {
    this.#updating.abort();
    this.#opening.abort();
  }

  async #choose(read: () => Promise<File>): Promise<void> {
    await this.#app.attempt(async () => {
      this.#app.picture = await read();
      await this.#update();
    });
  }

  /** Draws the network that is open, and computes it for the picture. */
  async #update(): Promise<void> {
    this.#stop();
    this.#updating = new AbortController();
    const { signal } = this.#updating;
    const current = this.#app.network;
    if (!current) throw new Error('There is no network yet: open a file of weights.');
    if (this.#network !== current) await this.#drawNetwork(current, signal);
    this.#app.picture ??= await rasterize(await readSample(DRAWINGS[0]!));
    await this.#look(this.#app.picture, signal);
    const opened = this.#opened;
    const isStill = this.#layers.some(({ name }) => name === opened);
    if (opened !== undefined && isStill) await this.#show(opened, signal);
    else if (opened !== undefined) this.#close(`${current.name} has no layer ${opened}. ${CHOOSE}`);
    this.#app.say(`Inside ${current.name}, with ${this.#picture!.name}.`);
  }

  async #drawNetwork(current: NetworkReport, signal: AbortSignal): Promise<void> {
    const layers = await this.#app.worker.call('describeLayers', {}, { signal });
    signal.throwIfAborted();
    this.#layers = layers;
    this.#network = current;
    const drawn = drawing(
      `Layers of ${current.name}`,
      layers,
      (number) => void this.#open(layers[number]!.name),
    );
    this.#drawn = drawn;
    this.#frame.replaceChildren(drawn.element);
    this.#picturePanel.showKinds(drawn.kinds);
    this.#picturePanel.clear();
    this.#image = undefined;
    this.#chart.clear();
    this.#details.clear(CHOOSE);
    await drawn.fill();
  }

  async #look(file: File, signal: AbortSignal): Promise<void> {
    const { name } = file;
    const { worker } = this.#app;
    this.#app.say(`Computing every layer for ${name} …`);
    const bytes = await file.arrayBuffer();
    const answer = worker.call('classify', { name, bytes }, { signal, transfer: [bytes] });
    const { seen } = await answer.catch((error: CallError) => {
      // Another network could not read it either.
      if (error.code === 'IMAGE_INVALID') this.#app.picture = this.#picture;
      throw error;
    });
    signal.throwIfAborted();
    const responses = await worker.call('measureLayers', { seen }, { signal });
    signal.throwIfAborted();
    this.#image = seen;
    this.#picture = file;
    this.#picturePanel.show(seen, name);
    this.#chart.show(responses, name);
    this.#chart.mark(this.#opened);
  }

  async #open(name: string): Promise<void> {
    await this.#app.attempt(async () => {
      if (!this.#image) {
        throw new Error(
          'The network has not looked at a picture yet: it takes the normalization of its images, and a picture that you drop, paste or choose.',
        );
      }
      await this.#show(name, this.#beginOpening());
      this.#app.say(`${name}, with ${this.#picture!.name}.`);
    });
  }

  #beginOpening(): AbortSignal {
    this.#opening.abort();
    this.#opening = new AbortController();
    return this.#opening.signal;
  }

  async #show(name: string, signal: AbortSignal): Promise<void> {
    const number = this.#layers.findIndex((layer) => layer.name === name);
    const shown = await this.#ask(name, 0, signal);
    this.#opened = name;
    const isLast = number === this.#layers.length - 1;
    this.#details.show(this.#layers[number]!, shown, isLast ? this.#network!.classNames : undefined);
    this.#drawn!.mark(number);
    this.#chart.mark(name);
  }

  async #showMore(first: number): Promise<void> {
    const { maps } = await this.#ask(this.#opened!, first, this.#beginOpening());
    if (maps) this.#details.addMaps(maps);
  }

  async #ask(name: string, first: number, signal: AbortSignal) {
    const params = { seen: this.#image!, name, first, count: AT_A_TIME };
    const shown = await this.#app.worker.call('showLayer', params, { signal });
    signal.throwIfAborted();
    return shown;
  }

  #close(text: string): void {
    this.#opened = undefined;
    this.#details.clear(text);
    this.#drawn?.mark(undefined);
    this.#chart.mark(undefined);
  }
}
