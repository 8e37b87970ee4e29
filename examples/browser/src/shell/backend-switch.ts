import type { App } from '../app.js';
import { BACKENDS, type BackendChoice } from '../backends.js';
import { element } from '../dom.js';
import type { BackendReport } from '../worker/handlers/backend.js';

/** Chooses what computes, and tells on what. */
export function backendSwitch(app: App) {
  const select = element(
    'select',
    { id: 'backend', onchange: () => void change() },
    ...Object.entries(BACKENDS).map(([value, { title }]) => element('option', { value }, title)),
  );
  const detail = element('span', { class: 'detail', id: 'backend-detail' });
  select.setAttribute('aria-describedby', detail.id);

  async function start(): Promise<void> {
    const choice = select.value as BackendChoice;
    select.disabled = true;
    try {
      detail.textContent = 'starting …';
      detail.textContent = describe(await app.worker.call('startBackend', { choice }));
      app.backend = choice;
    } catch (error) {
      detail.textContent = 'could not start';
      throw error;
    } finally {
      select.disabled = false;
    }
  }

  async function change(): Promise<void> {
    const before = { value: app.backend, text: detail.textContent };
    const isDone = await app.attempt(start);
    select.focus();
    if (!isDone) {
      select.value = before.value;
      detail.textContent = before.text;
      return;
    }
    app.say(`Computing with ${BACKENDS[app.backend].title}.`);
    if (app.network) app.setNetwork(app.network);
  }

  /** Goes back to what works everywhere, as after the loss of a GPU. */
  async function fallBack(): Promise<void> {
    select.value = 'wasm';
    await start();
  }

  const label = element('label', { for: select.id }, 'Computes with');
  return { element: element('div', { class: 'field' }, label, select, detail), start, fallBack };
}

function describe({ name, device, threads, isIsolated }: BackendReport): string {
  if (name === 'cpu') return '1 thread: plain JavaScript has no more';
  if (name !== 'wasm') return device;
  if (threads > 1) return `${threads} threads`;
  return isIsolated
    ? '1 thread'
    : '1 thread: the page is not cross-origin isolated, so that threads can’t share memory';
}
