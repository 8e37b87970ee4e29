import type { BackendName } from '@resnet/backend';

/** What can compute here, and how it is started; the usual choice first. */
export const BACKENDS = {
  wasm: { title: 'WebAssembly', name: 'wasm' },
  'wasm-single': { title: 'WebAssembly, 1 thread', name: 'wasm', threads: 1 },
  webgpu: { title: 'WebGPU', name: 'webgpu' },
  webgl: { title: 'WebGL', name: 'webgl' },
  cpu: { title: 'JavaScript', name: 'cpu' },
} as const satisfies Record<string, { title: string; name: BackendName; threads?: number }>;

export type BackendChoice = keyof typeof BACKENDS;
