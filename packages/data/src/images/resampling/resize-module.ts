import base64 from '../../generated/resize.js';

/** The WebAssembly module of the two passes; see assembly/resize.ts. */
export interface ResizeModule {
  readonly memory: WebAssembly.Memory;
  readonly across1: Across;
  readonly across3: Across;
  readonly across4: Across;
  down(
    from: number,
    stride: number,
    to: number,
    rowBytes: number,
    rows: number,
    starts: number,
    weights: number,
    groups: number,
  ): void;
}

export type Across = (
  from: number,
  fromStride: number,
  to: number,
  toStride: number,
  rows: number,
  columns: number,
  starts: number,
  weights: number,
  groups: number,
) => void;

let loaded: ResizeModule | null | undefined;

/**
 * The module, compiled at its first use. `undefined` where there is no WebAssembly with vectors, or a page's content
 * security policy forbids it.
 */
export function resizeModule(): ResizeModule | undefined {
  if (loaded === undefined) {
    try {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      loaded = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as ResizeModule;
    } catch {
      loaded = null;
    }
  }
  return loaded ?? undefined;
}
