/**
 * Lets the event loop run once. Work that computes without waiting, such as all work on WASM and CPU, calls this between its steps;
 * otherwise signals, timers, rendering and buttons would wait.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
