import { MOST_PIXELS } from '../image-limits.js';

/** To be called before memory is allocated. */
export function checkPixels(width: number, height: number): void {
  if (width >= 1 && height >= 1 && width * height <= MOST_PIXELS) return;
  throw new Error(`one of ${height} x ${width} pixels`);
}

export function cutOff(part: string): Error {
  return new Error(`a file whose ${part} are cut off`);
}
