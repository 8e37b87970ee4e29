import type { Int8Form, Operation, Step } from '@resnet/blocks';

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

/** Whether a step's sums are the logits and stay float32. Where a ReLU or an addition follows, the last step too gives bytes. */
export function givesLogits({ name, inputs }: Step, form: Int8Form | undefined, output: string): boolean {
  return name === output && form?.kind === 'convolution' && !form.relu && inputs.length === 1;
}
