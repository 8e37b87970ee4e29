import type { App } from '../app.js';
import { BACKENDS, type BackendChoice } from '../backends.js';
import { element } from '../dom.js';
import type { BackendReport } from '../worker/handlers/backend.js';

/** Chooses what computes, and tells on how many threads. */
export function backendSwitch(app: App) {
  const select = element(
    'select',
    { id: 'backend', onchange: () => void change() },
    ...Object.entries(BACKENDS).map(([value, title]) => element('option', { value }, title)),
  );
  const detail = element('span', { class: 'detail', id: 'backend-detail' });
  select.setAttribute('aria-describedby', detail.id);
  let running = select.value as BackendChoice;

  async function start(): Promise<void> {
    const name = select.value as BackendChoice;
    select.disabled = true;
    try {
      detail.textContent = 'starting …';
      detail.textContent = describe(await app.worker.call('startBackend', { name }));
      running = name;
    } catch (error) {
      detail.textContent = 'could not start';
      throw error;
    } finally {
      select.disabled = false;
    }
  }

  async function change(): Promise<void> {
    const before = { value: running, text: detail.textContent };
    const isDone = await app.attempt(start);
    select.focus();
    if (!isDone) {
      select.value = before.value;
      detail.textContent = before.text;
      return;
    }
    app.say(`Computing with ${BACKENDS[running]}.`);
    if (app.network) app.setNetwork(app.network);
  }

  const label = element('label', { for: select.id }, 'Computes with');
  return { element: element('div', { class: 'field' }, label, select, detail), start };
}

function describe({ name, threads, isIsolated }: BackendReport): string {
  if (name === 'cpu') return '1 thread: plain JavaScript has no more';
  if (threads > 1) return `${threads} threads`;
  return isIsolated
    ? '1 thread: this machine has no more'
    : '1 thread: the page is not cross-origin isolated, so that threads can’t share memory';
}
