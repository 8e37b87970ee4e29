/** The area that two boxes share, in float64. @param i index of the first value of the box in `a` */
export function sharedArea(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  if (!(width > 0)) return 0;
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  return height > 0 ? width * height : 0;
}

export function areaOf(boxes: ArrayLike<number>, at: number): number {
  return (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
}

/** Intersection over union in float64; 0 where nothing is shared. */
export function overlapOf(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const shared = sharedArea(a, i, b, j);
  return shared > 0 ? shared / (areaOf(a, i) + areaOf(b, j) - shared) : 0;
}
