/** The indices of the `count` largest values, in descending order; of equal ones, the first come first. NaN is the smallest. */
export function highest(values: Float32Array, count: number): Int32Array {
  const all = values.length;
  if (count >= all) return sorted(values, Int32Array.from(values.keys()));
  const least = nthLargest(values, count);
  const found = new Int32Array(count);
  let filled = 0;
  for (let index = 0; index < all; index++) if (values[index]! > least) found[filled++] = index;
  for (let index = 0; index < all && filled < count; index++) {
    if (!(values[index]! > least || values[index]! < least)) found[filled++] = index;
  }
  return sorted(values, found.sort());
}

function sorted(values: Float32Array, indices: Int32Array): Int32Array {
  // Stable: equal values stay in the order of their indices.
  return indices.sort((a, b) => compare(values[b]!, values[a]!) || a - b);
}

function compare(a: number, b: number): number {
  if (a > b) return 1;
  if (a < b) return -1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** The value that `count` values are at least as large as, by quickselect on a copy. */
function nthLargest(values: Float32Array, count: number): number {
  const copy = values.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value));
  let [from, to] = [0, copy.length - 1];
  const wanted = copy.length - count;
  while (from < to) {
    const pivot = copy[(from + to) >> 1]!;
    let [low, high] = [from, to];
    while (low <= high) {
      while (copy[low]! < pivot) low++;
      while (copy[high]! > pivot) high--;
      if (low > high) break;
      const value = copy[low]!;
      copy[low++] = copy[high]!;
      copy[high--] = value;
    }
    if (wanted <= high) to = high;
    else if (wanted >= low) from = low;
    else break;
  }
  return copy[wanted]!;
}
