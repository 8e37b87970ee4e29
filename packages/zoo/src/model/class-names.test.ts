import { type Backend, useBackend } from '@resnet/backend';
import { CIFAR10_CLASSES, CIFAR100_CLASSES, IMAGENET_CLASSES } from '@resnet/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classNamesOf, create, type NetworkOptions } from '../index.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('cpu');
});
afterAll(() => backend.dispose());

function names(name: string, options: NetworkOptions = {}, classNames?: string[]): readonly string[] {
  const network = create(name, { ...options, initialize: false });
  try {
    return classNamesOf({ network, ...(classNames ? { classNames } : {}) });
  } finally {
    network.dispose();
  }
}

describe('classNamesOf', () => {
  it('takes the names that the weights bring', () => {
    expect(names('resnet20', { classes: 2 }, ['a', 'b'])).toEqual(['a', 'b']);
    expect(names('resnet20', {}, ['a'])).toEqual(['a']);
    const ofTransformers = IMAGENET_CLASSES.map(({ names }) => names.join(', '));
    expect(names('resnet20', {}, ofTransformers).slice(0, 2)).toEqual(['n01440764', 'n01443537']);
  });

  it('knows the classes of CIFAR and ImageNet by the images and the number of classes', () => {
    expect(names('resnet20')).toBe(CIFAR10_CLASSES);
    expect(names('highway19')).toBe(CIFAR10_CLASSES);
    expect(names('plain20', { classes: 100 })).toBe(CIFAR100_CLASSES);
    expect(names('resnet18', { stem: 'small', classes: 100 })).toBe(CIFAR100_CLASSES);
    const ofImagenet = names('resnet18');
    expect(ofImagenet.length).toBe(1000);
    expect(ofImagenet[0]).toBe('n01440764');
  });

  it('makes nothing up for others', () => {
    expect(names('resnet20', { inChannels: 1 })).toEqual([]);
    expect(names('resnet20', { classes: 20 })).toEqual([]);
    expect(names('resnet20', { classes: 1000 })).toEqual([]);
    expect(names('resnet18', { classes: 10 })).toEqual([]);
  });
});
