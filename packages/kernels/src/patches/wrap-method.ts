interface Wrapped {
  original: unknown;
  isOwn: boolean;
  layers: { wrap(below: unknown): unknown }[];
}

const wrapped = new WeakMap<object, Map<PropertyKey, Wrapped>>();

/**
 * Puts a function in the place of an object's method. Several may stand upon each other, and each can be taken away whenever
 * its owner wishes: the others stay, and when none is left the object is as it was.
 *
 * @param wrap makes it of the function below, which is to be called with the object as `this`
 * @returns takes it away; does nothing when called again
 */
export function wrapMethod<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  wrap: (below: Target[Name]) => Target[Name],
): () => void {
  const methods = wrapped.get(target) ?? new Map<PropertyKey, Wrapped>();
  wrapped.set(target, methods);
  const method = methods.get(name) ?? {
    original: target[name],
    isOwn: Object.hasOwn(target, name),
    layers: [],
  };
  methods.set(name, method);
  const layer = { wrap: wrap as (below: unknown) => unknown };
  method.layers.push(layer);
  compose(target, name, method);
  return () => {
    const index = method.layers.indexOf(layer);
    if (index < 0) return;
    method.layers.splice(index, 1);
    compose(target, name, method);
    if (method.layers.length > 0) return;
    methods.delete(name);
    if (!method.isOwn) delete target[name];
  };
}

function compose<Target extends object>(
  target: Target,
  name: keyof Target,
  { original, layers }: Wrapped,
): void {
  target[name] = layers.reduce((below, layer) => layer.wrap(below), original) as Target[keyof Target];
}
