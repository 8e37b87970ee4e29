import type { App } from '../app.js';
import { element } from '../dom.js';
import { fileButton } from '../file-button.js';
import type { NetworkReport } from '../worker/network-report.js';
import { normalizationForm } from './normalization-form.js';

/** The names of files that hold weights. */
export const WEIGHTS_FILE = /\.(safetensors|pth|th|pt)$/i;
export const WEIGHTS_FILES = '.safetensors,.pth,.th,.pt';

/** Shows the network that is open, and opens files of weights. */
export function networkPanel(app: App) {
  const facts = element('dl', { class: 'facts' });
  const asked = element('div');
  const button = fileButton({ id: 'weights-file', accept: WEIGHTS_FILES, text: 'Open weights …' }, (file) => {
    void open(file);
  });
  const builtIn = element(
    'button',
    { type: 'button', onclick: () => void app.attempt(openBuiltIn) },
    'Built-in',
  );

  async function take(opening: Promise<NetworkReport>): Promise<void> {
    app.say('Opening the network …');
    const report = await opening;
    show(report);
    app.say(`${titleOf(report)} is open.`);
  }

  function show(report: NetworkReport): void {
    facts.replaceChildren(
      ...factsOf(report).map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value)),
      ),
    );
    asked.replaceChildren(
      ...(report.normalization === undefined ? [normalizationForm(app, report.channels, show)] : []),
    );
    app.setNetwork(report);
  }

  const openBuiltIn = () => take(app.worker.call('loadBuiltIn', {}));
  const open = (file: File) =>
    app.attempt(async () => {
      const bytes = await file.arrayBuffer();
      await take(app.worker.call('loadWeights', { name: file.name, bytes }, { transfer: [bytes] }));
    });

  return {
    element: element(
      'section',
      { class: 'network', 'aria-label': 'Network' },
      facts,
      asked,
      element('div', { class: 'buttons' }, ...button, builtIn),
    ),
    open,
    openBuiltIn,
  };
}

function titleOf({ name }: NetworkReport): string {
  return name.replace(/^resnet/, 'ResNet-').replace(/^plain/, 'Plain-');
}

function factsOf(report: NetworkReport): [name: string, value: string][] {
  const { file, parameters, classNames, side, channels, normalization } = report;
  return [
    ['Network', `${titleOf(report)}, from ${file}`],
    ['Parameters', parameters.toLocaleString('en-GB')],
    [
      'Images',
      `${side} × ${side}, ${channels === 1 ? 'gray' : channels === 3 ? 'RGB' : `${channels} channels`}`,
    ],
    ['Normalization', normalization ?? 'not told by the weights'],
    [`${classNames.length} classes`, someNames(classNames)],
  ];
}

/** The first ten classes, and how many more there are. */
export function someNames(classNames: readonly string[]): string {
  const some = classNames.slice(0, 10).join(', ');
  return classNames.length > 10 ? `${some} and ${classNames.length - 10} more` : some;
}
