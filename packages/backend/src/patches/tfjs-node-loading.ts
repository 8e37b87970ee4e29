import util from 'node:util';
import { patchProperty } from '@resnet/core';

/** Does what loads tfjs-node, with what it takes for granted of the process. */
export function withProcessForTfjsNode<T>(load: () => T): T {
  // It calls a function that Node 23 has no more and Node 22 warns of, also later, whenever it is used.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  // It prints what it finds missing.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // What it finds its native part with reads the arguments of whatever program is running.
  const restore = patchProperty(process, 'argv', (argv) => argv.slice(0, 1));
  try {
    return load();
  } finally {
    restore();
  }
}
