const f = Math.fround;

/** For each of `outLength` pixels the nearest of `length`, by PyTorch's product of float32. */
export function nearestPixels(length: number, outLength: number): Int32Array {
  const step = f(length / outLength);
  return Int32Array.from({ length: outLength }, (_, index) =>
    Math.min(length - 1, Math.floor(f(index * step))),
  );
}
