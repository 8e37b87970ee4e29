const key = Symbol.for('resnet.registered');
const shared = globalThis as { [key]?: Set<string> };
shared[key] ??= new Set();
/** What was registered in this process; one list for all installed copies of this package. */
const registered = shared[key];

/**
 * Notes a name that a package takes besides its own, so that `unknownName` can tell where another copy of the package, which
 * does not have it, is asked for it.
 *
 * @param kind as `unknownName` has it
 */
export function noteRegistered(kind: string, name: string): void {
  registered.add(`${kind} ${name}`);
}

export function isRegistered(kind: string, name: string): boolean {
  return registered.has(`${kind} ${name}`);
}
