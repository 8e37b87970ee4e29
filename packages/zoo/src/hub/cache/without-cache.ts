import { MemoryCollector } from '@resnet/files';
import type { WeightsCache } from './weights-cache.js';

/** For those who want to keep nothing. */
export const withoutCache: WeightsCache = {
  pathOf: () => undefined,
  has: async () => false,
  read: async () => undefined,
  write: async () => {},
  collect: async (file) => new MemoryCollector(file.bytes),
  alone: (_file, _signal, work) => work(),
  recall: async () => undefined,
  remember: async () => {},
};
