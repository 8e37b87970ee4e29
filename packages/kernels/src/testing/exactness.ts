import type { Numbers } from './reference.js';
import type { Values } from './run-kernel.js';

/** How far results may be from the reference, relative to its largest value. */
export const DIRECT = 2e-6;
export const WINOGRAD = 2e-5;

/** What a result should be. */
export interface Expected {
  shape: readonly number[];
  values: Numbers;
  /** What such values typically are. Where there are few, and all happen to be near zero, errors are relative to this. */
  deviation?: number;
}

/** Compares results with references, and remembers the largest error for each kernel. */
export class Exactness {
  private readonly records = new Map<string, { count: number; worst: number; shape: readonly number[] }>();

  constructor(private readonly title: string) {}

  /** Throws if the result is not the reference's, up to the tolerance. */
  expect(kernel: string, result: Values, expected: Expected, tolerance: number): void {
    const { shape, values, deviation } = expected;
    if (result.shape.join() !== shape.join()) {
      throw new Error(`${kernel} (${this.title}): expected the shape [${shape}], found [${result.shape}].`);
    }
    const error = relativeError(result.values, values, deviation);
    const record = this.records.get(kernel) ?? { count: 0, worst: 0, shape };
    record.count++;
    if (error > record.worst) Object.assign(record, { worst: error, shape });
    this.records.set(kernel, record);
    if (!(error <= tolerance)) {
      throw new Error(`${kernel} (${this.title}): relative error ${error}, allowed ${tolerance}.`);
    }
  }

  /** Prints the largest errors, where the environment variable RESNET_EXACTNESS asks for it. */
  report(): void {
    if (!process.env.RESNET_EXACTNESS) return;
    for (const [kernel, { count, worst, shape }] of this.records) {
      console.log(`${this.title} | ${kernel} | ${count} results | ${worst.toExponential(1)} for [${shape}]`);
    }
  }
}

/** The largest difference over the largest value; infinite if values that are not finite differ in kind. */
export function relativeError(actual: Numbers, expected: Numbers, deviation = 0): number {
  let difference = 0;
  let largest = deviation;
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [actual[index]!, expected[index]!];
    if (Object.is(a, b) && !Number.isFinite(b)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
    difference = Math.max(difference, Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return difference === 0 ? 0 : difference / largest;
}

export function largest(values: Numbers): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) most = Math.max(most, Math.abs(values[index]!));
  return most;
}
