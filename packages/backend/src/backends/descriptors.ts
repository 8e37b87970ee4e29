import { PLATFORM, startNode } from '#backend-platform';
import type { StartedBackend, StartOptions } from '../backend.js';
import { startCpuBackend } from './cpu.js';
import { CUDA_FOR_NPM, OLDEST_DRIVER, SETUP_GPU } from './cuda.js';
import { startWasmBackend } from './wasm.js';

/** The backends that can be asked for. */
export type BackendName = 'node-gpu' | 'webgpu' | 'node' | 'wasm' | 'webgl' | 'cpu';

/** What is known of a backend before it starts. */
export interface BackendFacts {
  /** Other names that people use for it. */
  readonly aliases: readonly string[];
  readonly platforms: readonly ('node' | 'browser')[];
  /** The npm packages that it needs here besides tfjs-core. */
  readonly packages: readonly string[];
  /** The command that installs it on Linux with x64; npm installs a part of it only. */
  readonly setup?: string;
  /** What to do where it is installed and does not work: an npm command for its packages, and advice. */
  readonly repair: { readonly npm?: 'install' | 'rebuild'; readonly advice?: string };
}

interface BackendDescriptor extends BackendFacts {
  /** @param gpu.software whether a GPU that the processor emulates is accepted */
  start(options: StartOptions, gpu: { software: boolean }): Promise<StartedBackend>;
}

/** In the order in which 'auto' tries them. WebGPU and WebGL, which few pages use, are loaded when they are used. */
export const DESCRIPTORS: Readonly<Record<BackendName, BackendDescriptor>> = {
  'node-gpu': {
    aliases: ['cuda'],
    platforms: ['node'],
    packages: ['@tensorflow/tfjs-node-gpu'],
    setup: SETUP_GPU,
    repair: {
      advice: `It takes an NVIDIA GPU and a driver, ${OLDEST_DRIVER} or later, if ${SETUP_GPU} has set it up; with the library that npm installs it takes ${CUDA_FOR_NPM}.`,
    },
    start: () => startNode('node-gpu'),
  },
  webgpu: {
    aliases: ['gpu'],
    platforms: ['node', 'browser'],
    packages: [...(PLATFORM === 'node' ? ['webgpu'] : []), '@tensorflow/tfjs-backend-webgpu'],
    repair: {
      advice:
        'Install the GPU’s driver, in Linux with Vulkan (Debian: libvulkan1 mesa-vulkan-drivers, or NVIDIA’s driver).',
    },
    start: async (options, gpu) => (await import('./webgpu/start.js')).startWebgpuBackend(options, gpu),
  },
  node: {
    aliases: ['tensorflow'],
    platforms: ['node'],
    packages: ['@tensorflow/tfjs-node'],
    repair: {
      npm: 'rebuild',
      advice: `Its installation downloads TensorFlow; where it can’t, ${SETUP_GPU} --cpu takes it from PyPI, on Linux.`,
    },
    start: () => startNode('node'),
  },
  wasm: {
    aliases: ['webassembly'],
    platforms: ['node', 'browser'],
    packages: ['@tensorflow/tfjs-backend-wasm'],
    repair: { advice: 'Try --threads 1; --backend cpu works without WebAssembly.' },
    start: (options) => startWasmBackend(options),
  },
  webgl: {
    aliases: [],
    platforms: ['browser'],
    packages: ['@tensorflow/tfjs-backend-webgl'],
    repair: { advice: 'It works in browsers only.' },
    start: async () => (await import('./webgl.js')).startWebglBackend(),
  },
  cpu: {
    aliases: [],
    platforms: ['node', 'browser'],
    packages: ['@tensorflow/tfjs-backend-cpu'],
    repair: { npm: 'install' },
    start: () => startCpuBackend(),
  },
};

/** In the order in which 'auto' tries them. */
export const BACKENDS: Readonly<Record<BackendName, BackendFacts>> = DESCRIPTORS;
export const BACKEND_NAMES = /* @__PURE__ */ Object.keys(DESCRIPTORS) as readonly BackendName[];
