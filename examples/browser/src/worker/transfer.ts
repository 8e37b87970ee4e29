const marked = new WeakMap<object, Transferable[]>();

/** Marks the parts of a handler's result that move to the page instead of being copied. */
export function transferring<T extends object>(result: T, transfer: Transferable[]): T {
  marked.set(result, transfer);
  return result;
}

/** What `transferring` marked. */
export function transferOf(result: unknown): Transferable[] {
  return marked.get(result as object) ?? [];
}
