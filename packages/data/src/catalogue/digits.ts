import { unknownName } from '@resnet/core';
import { readDigits } from '../digits/read-digits.js';
import type { ImageSet } from '../sets/image-set.js';
import { channelStatistics } from '../statistics/image-statistics.js';
import type { DatasetEntry } from './entry.js';

export const digits: DatasetEntry = {
  description: "the handwritten digits of the package 'mnist'",
  isIncluded: true,
  async open(_, { part, purpose = 'train' }) {
    const name = part ?? purpose;
    const { train, test } = await readDigits();
    if (name === 'train') return train;
    if (name === 'test') return test;
    throw unknownName('part', name, ['train', 'test']);
  },
  usual: {
    recipe: 'digits',
    normalization(train) {
      const { mean, std } = channelStatistics(train as ImageSet);
      return { mean: Float32Array.from(mean), std: Float32Array.from(std) };
    },
  },
};
