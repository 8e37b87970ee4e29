import util from 'node:util';
import { patchProperty } from '@resnet/core';

/** Calls `load`, which loads tfjs-node, in a process as tfjs-node expects it. */
export function withProcessForTfjsNode<T>(load: () => T): T {
  // tfjs-node calls, whenever it is used, a function that Node 23 has removed and Node 22 warns of.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  // TensorFlow prints which libraries are missing.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // The library that finds its native part parses the program's arguments.
  const restore = patchProperty(process, 'argv', (argv) => argv.slice(0, 1));
  try {
    return load();
  } finally {
    restore();
  }
}
