import type { App } from '../app.js';
import { element } from '../dom.js';
import type { NetworkReport } from '../worker/network-report.js';

const CHANNELS: Record<number, readonly string[]> = { 1: ['gray'], 3: ['red', 'green', 'blue'] };

/** Asks for what the weights don't tell: the mean and the standard deviation of each channel. */
export function normalizationForm(
  app: App,
  channels: number,
  onKnown: (report: NetworkReport) => void,
): HTMLElement {
  const names = CHANNELS[channels] ?? Array.from({ length: channels }, (_, index) => `channel ${index + 1}`);
  const fields = (title: string, value: number) => {
    const inputs = names.map((name) =>
      element('input', {
        type: 'number',
        step: 'any',
        required: true,
        value,
        'aria-label': `${title} of ${name}`,
      }),
    );
    return { inputs, row: element('div', { class: 'numbers' }, element('span', {}, title), ...inputs) };
  };
  const mean = fields('Mean', 0.5);
  const std = fields('Standard deviation', 0.25);
  const numbers = (inputs: readonly HTMLInputElement[]) => inputs.map(({ valueAsNumber }) => valueAsNumber);

  async function use(): Promise<void> {
    const given = { mean: numbers(mean.inputs), std: numbers(std.inputs) };
    onKnown(await app.worker.call('setNormalization', given));
    app.say('The normalization is set.');
  }

  return element(
    'form',
    {
      class: 'normalization',
      onsubmit: (event: Event) => {
        event.preventDefault();
        void app.attempt(use);
      },
    },
    element(
      'p',
      {},
      'The weights don’t tell how images are normalized. Give what the network was trained with, for pixels from 0 to 1:',
    ),
    mean.row,
    std.row,
    element('button', {}, 'Use these'),
  );
}
