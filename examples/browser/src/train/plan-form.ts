import { element } from '../dom.js';
import type { Kind, Plan } from '../worker/training/plan.js';

const KINDS = {
  residual: ['Residual', ['residual']],
  plain: ['Plain', ['plain']],
  both: ['Side by side', ['residual', 'plain']],
} as const satisfies Record<string, readonly [title: string, kinds: readonly Kind[]]>;

const DEPTHS = [8, 14, 20, 32];

const DATA = {
  digits: { title: 'Digits', iterations: 360 },
  cifar10: { title: 'CIFAR-10', iterations: 2000 },
} as const satisfies Record<Plan['data'], { title: string; iterations: number }>;

/** Files that CIFAR-10 comes in. */
export const CIFAR_FILE = /\.(bin|tgz|tar\.gz)$/i;

/** Asks what to train, and how. */
export function planForm(onStart: () => void) {
  const { kind, depth, data, iterations, rate, seed } = controls();
  const chooser = fileChooser((files) => take(files));
  const start = element('button', {}, 'Start');
  const fields = element(
    'fieldset',
    {},
    element('legend', {}, 'What to train'),
    field('Network', kind),
    field('Depth', depth),
    field('Data', data),
    chooser.element,
    field('Steps', iterations),
    field('Learning rate', rate),
    field('Seed', seed),
    start,
  );
  const update = () => {
    chooser.element.hidden = data.value !== 'cifar10';
  };
  data.addEventListener('change', () => {
    iterations.value = String(DATA[data.value as Plan['data']].iterations);
    update();
  });

  /** Takes files of CIFAR-10, and chooses it. */
  function take(files: readonly File[]): void {
    if (fields.disabled) return;
    chooser.setFiles(files);
    if (data.value !== 'cifar10') {
      data.value = 'cifar10';
      iterations.value = String(DATA.cifar10.iterations);
    }
    update();
  }

  return {
    element: element(
      'form',
      {
        class: 'plan',
        onsubmit: (event: Event) => {
          event.preventDefault();
          onStart();
        },
      },
      fields,
    ),
    plan: (): Plan => ({
      kinds: KINDS[kind.value as keyof typeof KINDS][1],
      depth: Number(depth.value),
      data: data.value as Plan['data'],
      iterations: iterations.valueAsNumber,
      learningRate: rate.valueAsNumber,
      seed: seed.valueAsNumber,
    }),
    show(plan: Plan): void {
      kind.value = plan.kinds.length > 1 ? 'both' : plan.kinds[0]!;
      depth.value = String(plan.depth);
      data.value = plan.data;
      iterations.value = String(plan.iterations);
      rate.value = String(plan.learningRate);
      seed.value = String(plan.seed);
      update();
    },
    files: chooser.files,
    take,
    setDisabled(isDisabled: boolean): void {
      fields.disabled = isDisabled;
    },
  };
}

function controls() {
  return {
    kind: choice(
      'train-kind',
      Object.entries(KINDS).map(([value, [title]]) => [value, title]),
    ),
    depth: choice(
      'train-depth',
      DEPTHS.map((value) => [String(value), `${value} layers`]),
    ),
    data: choice(
      'train-data',
      Object.entries(DATA).map(([value, { title }]) => [value, title]),
    ),
    iterations: number('train-iterations', { value: DATA.digits.iterations, min: 1, step: 1 }),
    rate: number('train-rate', { value: 0.1, min: 0, step: 'any' }),
    seed: number('train-seed', { value: 0, min: 0, step: 1 }),
  };
}

/** Asks for the files of CIFAR-10; shows the names of those that `setFiles` was given. */
function fileChooser(onChoose: (files: readonly File[]) => void) {
  let files: readonly File[] = [];
  const chosen = element('p', { class: 'detail' });
  const input = element('input', {
    type: 'file',
    class: 'file',
    id: 'cifar-files',
    multiple: true,
    accept: '.bin,.gz,.tgz',
    onchange: () => {
      onChoose([...input.files!]);
      input.value = '';
    },
  });
  return {
    element: element(
      'div',
      { class: 'drop', hidden: true },
      element('p', {}, 'Drop cifar-10-binary.tar.gz, or its .bin files, or'),
      element(
        'div',
        { class: 'buttons' },
        input,
        element('label', { for: input.id, class: 'button' }, 'Choose files …'),
      ),
      chosen,
    ),
    files: () => files,
    setFiles(given: readonly File[]): void {
      files = given;
      chosen.textContent = files.map(({ name }) => name).join(', ');
    },
  };
}

function choice(id: string, options: (readonly [value: string, title: string])[]): HTMLSelectElement {
  return element('select', { id }, ...options.map(([value, title]) => element('option', { value }, title)));
}

function number(id: string, attributes: Record<string, string | number>): HTMLInputElement {
  return element('input', { id, type: 'number', required: true, ...attributes });
}

function field(title: string, control: HTMLElement): HTMLElement {
  return element('div', { class: 'field' }, element('label', { for: control.id }, title), control);
}
