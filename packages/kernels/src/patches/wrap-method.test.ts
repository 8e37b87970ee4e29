import { expect, it } from 'vitest';
import { wrapMethod } from './wrap-method.js';

class Greeter {
  constructor(readonly name: string) {}
  greet(): string {
    return this.name;
  }
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

it.each(orders)('layers are taken away in any order: %i, %i, %i', (...order) => {
  const own = { greet: () => 'own' };
  for (const target of [new Greeter('inherited'), own]) {
    const { greet } = target;
    const [before, isOwn] = [target.greet(), Object.hasOwn(target, 'greet')];
    const layers = ['a', 'b', 'c'];
    const undo = layers.map((layer) =>
      wrapMethod(target, 'greet', (below) => () => `${layer}(${below.call(target as never)})`),
    );
    expect(target.greet()).toBe(`c(b(a(${before})))`);
    let left = layers;
    for (const index of order) {
      undo[index]!();
      undo[index]!();
      left = left.filter((layer) => layer !== layers[index]);
      const expected = left.reduce((below, layer) => `${layer}(${below})`, before);
      expect(target.greet()).toBe(expected);
    }
    expect(target.greet).toBe(greet);
    expect(Object.hasOwn(target, 'greet')).toBe(isOwn);
  }
});
