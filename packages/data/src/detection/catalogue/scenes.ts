import { unknownName } from '@resnet/core';
import { digitScenes } from '../scenes/digit-scenes.js';
import type { DetectionEntry } from './detection-entry.js';

/** As many as there are digits. */
const COUNTS = { train: 9000, test: 1000 };

export const scenes: DetectionEntry = {
  description: "'digit-scenes', digits scattered on canvases",
  isIncluded: true,
  async open(_, { part = 'train' }) {
    if (part !== 'train' && part !== 'test') throw unknownName('part', part, Object.keys(COUNTS));
    return digitScenes({ count: COUNTS[part], part });
  },
};
