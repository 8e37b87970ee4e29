import { element } from '../dom.js';

export interface ListedClass {
  index: number;
  name: string;
  /** From 0 to 1. */
  probability: number;
}

/** Classes as bars, which are buttons: one of them is chosen. */
export function classList(onChoose: (listed: ListedClass) => void) {
  const list = element('ol', { class: 'bars' });

  function show(classes: readonly ListedClass[]): void {
    list.replaceChildren(...classes.map((listed) => element('li', {}, button(listed))));
  }

  function button(listed: ListedClass): HTMLButtonElement {
    const { name, probability } = listed;
    const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.setProperty('--share', String(probability));
    return element(
      'button',
      {
        type: 'button',
        'aria-pressed': 'false',
        'data-index': listed.index,
        onclick: () => onChoose(listed),
      },
      element('span', { class: 'name' }, name),
      element('span', { class: 'percent' }, `${(100 * probability).toFixed(1)} %`),
      bar,
    );
  }

  /** Marks the class whose map is shown. */
  function mark(index: number): void {
    for (const button of list.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.index === String(index)));
    }
  }

  return { element: list, show, mark };
}
