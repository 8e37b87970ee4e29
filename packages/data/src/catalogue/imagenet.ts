import { unknownName } from '@resnet/core';
import { looksLikeImagenet, readImagenet } from '../imagenet/read-imagenet.js';
import { IMAGENET_NORMALIZATION } from '../statistics/normalization.js';
import type { DatasetEntry } from './entry.js';

const PARTS = ['train', 'val'] as const;

export const imagenet: DatasetEntry = {
  description: "ImageNet's folder",
  recognizes: ({ isFolder, path }) => isFolder && looksLikeImagenet(path),
  async open(path, { part, purpose }) {
    const name = part ?? (purpose === 'test' ? 'val' : 'train');
    const found = PARTS.find((known) => known === name);
    if (found === undefined) throw unknownName('part', name, PARTS);
    return readImagenet(path, found);
  },
  usual: { recipe: 'imagenet-torchvision', normalization: () => IMAGENET_NORMALIZATION },
};
