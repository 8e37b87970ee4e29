import type { BackendName } from '@resnet/backend';

/** What can compute here, the usual choice first. */
export const BACKENDS = {
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
} as const satisfies Record<BackendName, string>;

export type BackendChoice = keyof typeof BACKENDS;
