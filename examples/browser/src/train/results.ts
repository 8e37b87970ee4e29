import { element } from '../dom.js';
import type { TrainedFormat } from '../worker/handlers/save-trained.js';
import type { TrainingReport } from '../worker/training/saved-training.js';

const FORMATS = { safetensors: 'Save as safetensors', onnx: 'Save as ONNX' } as const satisfies Record<
  TrainedFormat,
  string
>;

/** The networks that were trained, to be saved. */
export function results(onSave: (run: number, format: TrainedFormat, title: string) => void) {
  const list = element('ul', { class: 'trained' });
  return {
    element: list,
    show(runs: TrainingReport['runs']): void {
      list.replaceChildren(
        ...runs.map(({ title }, run) =>
          element(
            'li',
            {},
            element('span', {}, title),
            ...Object.entries(FORMATS).map(([format, text]) =>
              element(
                'button',
                {
                  type: 'button',
                  'aria-label': `${text}: ${title}`,
                  onclick: () => onSave(run, format as TrainedFormat, title),
                },
                text,
              ),
            ),
          ),
        ),
      );
    },
  };
}

/** Lets the browser save a file. */
export function download(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart]));
  element('a', { href: url, download: name }).click();
  // Later, as the browser may not have taken it yet.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
