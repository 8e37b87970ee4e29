interface Patched {
  descriptor: PropertyDescriptor | undefined;
  original: unknown;
  layers: { patch(below: unknown): unknown }[];
}

/** For all copies of this package in a program. */
const KEY = Symbol.for('@resnet/kernels patched properties');
type Registry = WeakMap<object, Map<PropertyKey, Patched>>;

/**
 * Puts a value in the place of an object's property. Several may stand upon each other, and each can be taken away whenever its
 * owner wishes: the others stay, and when none is left the object is as it was.
 *
 * @param patch makes it of the value below, again whenever one below is taken away. Methods are to be called with the object as
 *   `this`
 * @returns takes it away; does nothing when called again
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
  // What has a getter alone is covered.
  if (!Reflect.set(target, name, value)) Object.defineProperty(target, name, { value, configurable: true });
}
