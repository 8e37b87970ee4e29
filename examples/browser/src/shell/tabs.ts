import { element } from '../dom.js';

export interface Tab {
  title: string;
  panel: HTMLElement;
}

/**
 * Tabs after the pattern of the ARIA Authoring Practices: arrow keys, Home and End move between them, and what is moved to is
 * shown.
 *
 * @param onChange gets the tab that was shown and the one that is
 */
export function tabs<T extends Tab>(all: readonly T[], onChange: (from: T, to: T) => void): HTMLElement {
  const list = element('div', { role: 'tablist', class: 'tabs', 'aria-label': 'What to do' });
  let current = 0;
  const buttons = all.map(({ title, panel }, index) => {
    panel.id = `panel-${index}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', `tab-${index}`);
    const button = element(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${index}`,
        'aria-controls': panel.id,
        onclick: () => show(index),
      },
      title,
    );
    list.append(button);
    return button;
  });

  function update(): void {
    for (const [index, button] of buttons.entries()) {
      button.setAttribute('aria-selected', String(index === current));
      button.tabIndex = index === current ? 0 : -1;
      all[index]!.panel.hidden = index !== current;
    }
  }

  function show(index: number): void {
    if (index === current) return;
    const from = all[current]!;
    current = index;
    update();
    onChange(from, all[current]!);
  }

  list.addEventListener('keydown', (event) => {
    const last = all.length - 1;
    const targets: Record<string, number> = {
      ArrowLeft: current === 0 ? last : current - 1,
      ArrowRight: current === last ? 0 : current + 1,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    show(target);
    buttons[target]!.focus();
  });

  update();
  return list;
}
