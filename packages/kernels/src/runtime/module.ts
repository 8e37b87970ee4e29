import { ResnetError } from '@resnet/core';
import { enableRelaxedSimd, fetchBytes } from '#kernels-platform';

/** The builds of the module. Each is also a JavaScript module, so that no file has to be found. */
const BUILDS = {
  simd: () => import('../generated/simd.js'),
  'relaxed-simd': () => import('../generated/relaxed-simd.js'),
  'simd-threads': () => import('../generated/simd-threads.js'),
  'relaxed-simd-threads': () => import('../generated/relaxed-simd-threads.js'),
  'int8-simd': () => import('../generated/int8-simd.js'),
  'int8-relaxed-simd': () => import('../generated/int8-relaxed-simd.js'),
  'int8-simd-threads': () => import('../generated/int8-simd-threads.js'),
  'int8-relaxed-simd-threads': () => import('../generated/int8-relaxed-simd-threads.js'),
};
export type Build = keyof typeof BUILDS;

const V128 = 0x7b;

/** Whether WebAssembly here has 128-bit vectors. */
export function hasSimd(): boolean {
  // i8x16.popcnt of a splat
  return WebAssembly.validate(wasmFunction([], [V128], [0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62]));
}

/** Whether WebAssembly here has relaxed vectors, and so fused multiply-add. Enables them where that needs a flag. */
export function hasRelaxedSimd(): boolean {
  enableRelaxedSimd();
  // i32x4.relaxed_trunc of a splat
  return WebAssembly.validate(wasmFunction([], [V128], [0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x81, 0x02]));
}

/** The bytes of a module with one function, 'run'. */
export function wasmFunction(
  parameters: number[],
  results: number[],
  instructions: number[],
): Uint8Array<ArrayBuffer> {
  const body = [0x00, ...instructions, 0x0b];
  const type = [0x60, parameters.length, ...parameters, results.length, ...results];
  const name = [...new TextEncoder().encode('run')];
  const section = (id: number, content: number[]) => [id, content.length, ...content];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, ...type]),
    ...section(3, [1, 0]),
    ...section(7, [1, name.length, ...name, 0, 0]),
    ...section(10, [1, body.length, ...body]),
  ]);
}

/**
 * Compiles a build.
 * @param folder where its `.wasm` file is served; by default the bytes come with this package's JavaScript
 * @throws WASM_UNAVAILABLE
 */
export async function compile(build: Build, folder?: string): Promise<WebAssembly.Module> {
  try {
    const bytes =
      folder === undefined
        ? decode((await BUILDS[build]()).default)
        : await fetchBytes(`${folder}${build}.wasm`);
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const where = folder === undefined ? '' : ` from ${folder}`;
    throw new ResnetError('WASM_UNAVAILABLE', `Could not load ${build}.wasm${where}: ${reason}`, { cause });
  }
}

function decode(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes.buffer;
}
