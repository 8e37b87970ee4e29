import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { reasonOf } from './starting.js';

/** tfjs's WebAssembly files, of which a page loads the one for its browser. */
const NAMES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

/** The URL of each of tfjs's `.wasm` files, as bundlers give them for imported files. */
export type WasmFiles = Record<(typeof NAMES)[number], string>;

/** @throws OPTION_INVALID if a file has no URL */
export function checkWasmPaths(wasmPaths: string | WasmFiles | undefined): void {
  if (wasmPaths === undefined || typeof wasmPaths === 'string') return;
  const missing = NAMES.filter((name) => typeof wasmPaths?.[name] !== 'string');
  if (missing.length === 0) return;
  const message = `wasmPaths must be the URL of a folder, or an object with the URL of each file: ${NAMES.join(', ')}. Missing: ${missing.join(', ')}.`;
  throw new ResnetError('OPTION_INVALID', message);
}

/** The URL of each file. A folder's may lack the slash at its end. */
export function toWasmFiles(wasmPaths: string | WasmFiles): WasmFiles {
  if (typeof wasmPaths !== 'string') return wasmPaths;
  const folder = wasmPaths === '' ? '' : wasmPaths.replace(/\/?$/, '/');
  return Object.fromEntries(NAMES.map((name) => [name, folder + name])) as WasmFiles;
}

/** The error of a failed start, of which tfjs says only that a file may be missing. */
export async function wasmFileError(files: WasmFiles | undefined, cause: unknown): Promise<ResnetError> {
  const url = files ? new URL(files[await nameHere()], location.href).href : lastAskedFor();
  const problem = url === undefined ? undefined : await problemOf(url);
  const what = problem ?? `${url === undefined ? '' : `${url}: `}${reasonOf(cause)}`;
  const message = `The wasm backend could not start: ${what} Serve tfjs's .wasm files, which @tensorflow/tfjs-backend-wasm has in its folder dist, and say where: useBackend('wasm', { wasmPaths: '/wasm/' }).`;
  return new ResnetError('BACKEND_FAILED', message, { cause });
}

/** The file that tfjs loads here for one thread. */
async function nameHere(): Promise<(typeof NAMES)[number]> {
  return NAMES[(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 1 : 0];
}

/** The address that tfjs has loaded without being told, from the browser's records. */
function lastAskedFor(): string | undefined {
  return performance
    .getEntriesByType('resource')
    .findLast(({ name }) => NAMES.some((file) => name.includes(file)))?.name;
}

/** Why an address serves no WebAssembly; undefined if it does. */
async function problemOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { credentials: 'same-origin' });
    if (!response.ok) return `${url} gives ${`${response.status} ${response.statusText}`.trim()}.`;
    const [zero, a, s, m] = new Uint8Array(await response.arrayBuffer());
    const isWasm = String.fromCharCode(zero ?? 1, a ?? 0, s ?? 0, m ?? 0) === '\0asm';
    const type = response.headers.get('Content-Type') ?? 'something of no type';
    return isWasm ? undefined : `${url} gives ${type}, which is no WebAssembly.`;
  } catch (error) {
    return `${url} can't be fetched (${reasonOf(error)}).`;
  }
}
