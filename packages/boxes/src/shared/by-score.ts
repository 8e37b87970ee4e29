/**
 * The order of scores: the highest first, equal ones by index, NaN before all, as PyTorch sorts. A merge sort on typed arrays; sorting
 * a million indices with a function that compares takes ten times as long.
 */
export function byScore(scores: ArrayLike<number>): Int32Array {
  const count = scores.length;
  let from: Run = { keys: new Float64Array(scores), indices: new Int32Array(count) };
  let to: Run = { keys: new Float64Array(count), indices: new Int32Array(count) };
  for (let index = 0; index < count; index++) from.indices[index] = index;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      merge(from, to, start, Math.min(start + width, count), Math.min(start + 2 * width, count));
    }
    [from, to] = [to, from];
  }
  return from.indices;
}

interface Run {
  keys: Float64Array;
  indices: Int32Array;
}

/** Merges what is sorted from `start` to `middle` and from there to `end`. */
function merge(from: Run, to: Run, start: number, middle: number, end: number): void {
  const { keys, indices } = from;
  let [left, right] = [start, middle];
  for (let at = start; at < end; at++) {
    const isLeft = right >= end || (left < middle && !isBefore(keys[right]!, keys[left]!));
    const taken = isLeft ? left++ : right++;
    to.keys[at] = keys[taken]!;
    to.indices[at] = indices[taken]!;
  }
}

function isBefore(a: number, b: number): boolean {
  return a > b || (Number.isNaN(a) && !Number.isNaN(b));
}
