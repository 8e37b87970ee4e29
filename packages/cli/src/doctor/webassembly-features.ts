/** What this JavaScript engine's WebAssembly can do. */
export interface WebAssemblyFeatures {
  simd: boolean;
  threads: boolean;
  relaxedSimd: boolean;
}

/**
 * Finds out by asking the engine to validate one small module for each feature. Each has one function, which takes
 * and gives nothing and holds an instruction of the feature.
 */
export function webAssemblyFeatures(): WebAssemblyFeatures {
  // i32.const 0, i8x16.splat: makes a vector.
  const vector = [0x41, 0x00, 0xfd, 0x0f];
  const drop = 0x1a;
  return {
    simd: isValid([...vector, drop]),
    // A shared memory of one page, and i32.const 0, i32.atomic.load (aligned to 4 bytes, offset 0).
    threads: isValid([0x41, 0x00, 0xfe, 0x10, 0x02, 0x00, drop], [0x03, 0x01, 0x01]),
    // f32x4.relaxed_madd of three vectors; its number 0x105 is written as LEB128.
    relaxedSimd: isValid([...vector, ...vector, ...vector, 0xfd, 0x85, 0x02, drop]),
  };
}

/** @param memory flags, smallest and largest number of pages */
function isValid(code: number[], memory?: number[]): boolean {
  const end = 0x0b;
  const body = [0 /* local variables */, ...code, end];
  return WebAssembly.validate(
    Uint8Array.of(
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // '\0asm', version 1
      ...section(1, [1, 0x60, 0, 0]), // one type: a function of no parameters and no results
      ...section(3, [1, 0]), // one function, of type 0
      ...(memory ? section(5, [1, ...memory]) : []),
      ...section(10, [1, body.length, ...body]), // one body
    ),
  );
}

function section(id: number, content: number[]): number[] {
  return [id, content.length, ...content];
}
