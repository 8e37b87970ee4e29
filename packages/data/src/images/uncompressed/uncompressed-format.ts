/** The format of an uncompressed image, by its first bytes; undefined for others. */
export function uncompressedFormat(bytes: Uint8Array): 'bmp' | 'pbm' | 'pgm' | 'ppm' | undefined {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0x42 && second === 0x4d) return 'bmp';
  const isPnm = first === 0x50 && second !== undefined && second >= 0x31 && second <= 0x36;
  return isPnm ? (['pbm', 'pgm', 'ppm'] as const)[(second - 0x31) % 3] : undefined;
}
