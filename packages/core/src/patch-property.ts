interface Patched {
  descriptor: PropertyDescriptor | undefined;
  original: unknown;
  layers: { patch(below: unknown): unknown }[];
}

/** Shared by all copies of this package in a program. */
const KEY = Symbol.for('@resnet/core patched properties');
type Registry = WeakMap<object, Map<PropertyKey, Patched>>;

/**
 * Replaces an object's property. Several patches may be stacked and are undone in any order: the others stay, and when none is
 * left the object is as it was.
 *
 * @param patch makes the new value from the one below, and again whenever a patch below is undone. It has to call methods with the
 *   object as `this`
 * @returns undoes the patch; does nothing when called again
 */
export function patchProperty<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  patch: (below: Target[Name]) => Target[Name],
): () => void {
  const global = globalThis as { [KEY]?: Registry };
  global[KEY] ??= new WeakMap();
  const properties = global[KEY].get(target) ?? new Map<PropertyKey, Patched>();
  global[KEY].set(target, properties);
  const patched = properties.get(name) ?? {
    descriptor: Object.getOwnPropertyDescriptor(target, name),
    original: target[name],
    layers: [],
  };
  properties.set(name, patched);
  const layer = { patch: patch as (below: unknown) => unknown };
  patched.layers.push(layer);
  put(target, name, patched);
  return () => {
    const index = patched.layers.indexOf(layer);
    if (index < 0) return;
    patched.layers.splice(index, 1);
    if (patched.layers.length > 0) return put(target, name, patched);
    properties.delete(name);
    if (patched.descriptor) Object.defineProperty(target, name, patched.descriptor);
    else Reflect.deleteProperty(target, name);
  };
}

function put(target: object, name: PropertyKey, { original, layers }: Patched): void {
  const value = layers.reduce((below, layer) => layer.patch(below), original);
  // A property that has only a getter can't be set, but redefined.
  if (!Reflect.set(target, name, value)) Object.defineProperty(target, name, { value, configurable: true });
}
