import type { EventEmitter } from 'node:events';

/**
 * Signals within this time are of one key press: the terminal sends SIGINT to npm and to its child, and npm passes its
 * signal on to the child.
 */
const ONE_PRESS_MS = 300;

/**
 * Fires at the first SIGINT.
 *
 * @param source of the signals: the process
 * @param leave called when the user presses Ctrl-C again
 */
export function interruption(source: EventEmitter, leave: () => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  source.on('SIGINT', () => {
    if (!controller.signal.aborted) {
      first = performance.now();
      controller.abort();
    } else if (performance.now() - first >= ONE_PRESS_MS) {
      leave();
    }
  });
  return controller.signal;
}
