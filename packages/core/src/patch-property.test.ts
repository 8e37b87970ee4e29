import { expect, it } from 'vitest';
import { patchProperty } from './patch-property.js';

class Greeter {
  greet(): string {
    return 'inherited';
  }
}

class Getter {
  get greet(): () => string {
    return () => 'got';
  }
}

it.each([
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
])('patches are undone in any order: %i, %i, %i', (...order) => {
  for (const target of [new Greeter(), new Getter(), { greet: () => 'own' }]) {
    const [descriptor, before] = [Object.getOwnPropertyDescriptor(target, 'greet'), target.greet()];
    const names = ['a', 'b', 'c'];
    const undo = names.map((name) =>
      patchProperty(target as Greeter, 'greet', (below) => () => `${name}(${below.call(target as Greeter)})`),
    );
    expect(target.greet()).toBe(`c(b(a(${before})))`);
    let left = names;
    for (const index of order) {
      undo[index]!();
      undo[index]!();
      left = left.filter((name) => name !== names[index]);
      expect(target.greet()).toBe(left.reduce((below, name) => `${name}(${below})`, before));
    }
    expect(Object.getOwnPropertyDescriptor(target, 'greet')).toEqual(descriptor);
  }
});
