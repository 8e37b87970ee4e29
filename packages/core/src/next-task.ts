/**
 * Lets the event loop turn once. Work that computes without waiting, as all work on WASM and CPU does, calls this
 * between its steps, or no signal, timer, picture or stop button gets a turn.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
