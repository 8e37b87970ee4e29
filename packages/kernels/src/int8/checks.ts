import type { TensorInfo } from '@tensorflow/tfjs-core';
import { check } from '../runtime/refused.js';

/** @throws Refusal unless all tensors that are there hold bytes */
export function checkBytes(...tensors: (TensorInfo | undefined)[]): void {
  for (const tensor of tensors) check(!tensor || tensor.dtype === 'bool', 'it takes quantized tensors.');
}

/** @throws Refusal unless the byte that stands for 0 is one */
export function checkZero(...zeros: number[]): void {
  for (const zero of zeros) {
    check(Number.isInteger(zero) && zero >= 0 && zero <= 255, 'the byte for 0 is an integer from 0 to 255.');
  }
}

/** @throws Refusal unless the number is positive, in float32 too */
export function checkScale(...scales: number[]): void {
  for (const scale of scales) {
    const rounded = Math.fround(scale);
    check(rounded > 0 && rounded < Number.POSITIVE_INFINITY, 'a scale is a positive number.');
  }
}

/** @throws Refusal unless all are integers of at least `least` and of a sane size */
export function checkIntegers(least: number, ...values: number[]): void {
  for (const value of values) {
    check(
      Number.isInteger(value) && value >= least && value <= 65536,
      `sizes, strides and padding are integers of at least ${least}.`,
    );
  }
}

/** @throws Refusal unless there are four axes */
export function checkMap({ shape }: TensorInfo): [number, number, number, number] {
  check(shape.length === 4, 'images have four axes.');
  return shape as [number, number, number, number];
}

/** How many outputs a window has along an axis. */
export function outputsAlong(
  length: number,
  size: number,
  stride: number,
  padding: number,
  dilation = 1,
): number {
  const outputs = Math.floor((length + 2 * padding - dilation * (size - 1) - 1) / stride) + 1;
  check(outputs >= 0, 'the window must fit.');
  return outputs;
}
