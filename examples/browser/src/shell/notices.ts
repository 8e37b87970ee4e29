import { element } from '../dom.js';

/** A status line, and a message above the page when something failed. */
export function notices() {
  const status = element('p', { role: 'status', class: 'status' }, 'Starting …');
  const text = element('span');
  const close = element('button', { type: 'button', class: 'quiet', onclick: () => clear() }, 'Dismiss');
  const alert = element('div', { role: 'alert', class: 'alert' });

  function clear(): void {
    alert.replaceChildren();
  }

  return {
    element: element('div', {}, status, alert),
    say: (message: string) => {
      status.textContent = message;
    },
    warn: (message: string) => {
      text.textContent = message;
      alert.replaceChildren(text, close);
    },
    clear,
  };
}
