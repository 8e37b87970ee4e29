/** The indices of the `count` largest values, in descending order; of equal ones, the first come first. NaN counts as −∞. */
export function highest(values: Float32Array, count: number): Int32Array {
  const ranks = values.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value));
  if (count >= ranks.length) return sorted(ranks, Int32Array.from(ranks.keys()));
  const least = nthLargest(ranks.slice(), count);
  const found = new Int32Array(count);
  let filled = 0;
  for (let index = 0; index < ranks.length; index++) if (ranks[index]! > least) found[filled++] = index;
  for (let index = 0; filled < count; index++) if (ranks[index] === least) found[filled++] = index;
  return sorted(ranks, found);
}

function sorted(ranks: Float32Array, indices: Int32Array): Int32Array {
  return indices.sort((a, b) => {
    const [first, second] = [ranks[a]!, ranks[b]!];
    return first === second ? a - b : first < second ? 1 : -1;
  });
}

/** The value that `count` values are at least as large as, by quickselect, which orders them otherwise. */
function nthLargest(values: Float32Array, count: number): number {
  let [from, to] = [0, values.length - 1];
  const wanted = values.length - count;
  while (from < to) {
    const pivot = values[(from + to) >> 1]!;
    let [low, high] = [from, to];
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const value = values[low]!;
      values[low++] = values[high]!;
      values[high--] = value;
    }
    if (wanted <= high) to = high;
    else if (wanted >= low) from = low;
    else break;
  }
  return values[wanted]!;
}
