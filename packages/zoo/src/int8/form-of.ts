import type { Int8Form, Operation } from '@resnet/blocks';

/** How an operation is computed in bytes; undefined where that is not said, or where a subclass computes something else. */
export function int8FormOf(operation: Operation): Int8Form | undefined {
  for (let owner = Object.getPrototypeOf(operation); owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, 'int8')) return operation.int8?.();
    if (['infer', 'run', 'prepare'].some((method) => Object.hasOwn(owner, method))) return undefined;
  }
  return undefined;
}

/** Whether bytes are moved and not changed. */
export function keepsRange(form: Int8Form | undefined): boolean {
  return form?.kind === 'max pool' || form?.kind === 'subsample';
}
