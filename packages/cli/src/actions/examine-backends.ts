import { BACKEND_NAMES, type BackendName, type useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { CUDA_NEEDED } from './examine-gpus.js';
import { firstSentence } from './first-sentence.js';
import { packageCommand } from './package-command.js';

/**
 * Whether a backend starts here, what it runs on and what it could not have, or why it does not start and what to do. All are
 * optional; one that is not installed has the code BACKEND_MISSING.
 */
export type BackendReport =
  | {
      name: BackendName;
      works: true;
      device: string;
      threads: number;
      features: readonly string[];
      warnings: readonly string[];
    }
  | { name: BackendName; works: false; code: string | null; reason: string; advice: string };

/** Starts each backend that there is for Node in turn, and ends it again. */
export async function examineBackends(start: typeof useBackend): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const name of BACKEND_NAMES) {
    if (name === 'webgl') continue;
    try {
      const backend = await start(name);
      const { device, threads, features, warnings } = backend;
      backend.dispose();
      reports.push({ name, works: true, device, threads, features, warnings });
    } catch (error) {
      const code = ResnetError.is(error) ? error.code : null;
      const reason = firstSentence(error instanceof Error ? error.message : String(error));
      reports.push({ name, works: false, code, reason, advice: adviceFor(name, code) });
    }
  }
  return reports;
}

const packages: Record<BackendName, string> = {
  'node-gpu': '@tensorflow/tfjs-node-gpu',
  node: '@tensorflow/tfjs-node',
  webgpu: 'webgpu @tensorflow/tfjs-backend-webgpu',
  wasm: '@tensorflow/tfjs-backend-wasm',
  webgl: '@tensorflow/tfjs-backend-webgl',
  cpu: '@tensorflow/tfjs-backend-cpu',
};

const adviceOnFailure: Record<BackendName, string> = {
  'node-gpu': `It takes an NVIDIA GPU, its driver and ${CUDA_NEEDED}; webgpu takes the driver alone.`,
  node: `${packageCommand('rebuild', packages.node)}. Its installation downloads TensorFlow; where it can’t, use wasm.`,
  webgpu:
    'Install the GPU’s driver, in Linux with Vulkan (Debian: libvulkan1 mesa-vulkan-drivers, or NVIDIA’s driver).',
  wasm: 'Try --threads 1; --backend cpu works without WebAssembly.',
  webgl: 'It works in browsers only.',
  cpu: packageCommand('install', packages.cpu),
};

function adviceFor(name: BackendName, code: string | null): string {
  return code === 'BACKEND_MISSING' ? packageCommand('install', packages[name]) : adviceOnFailure[name];
}
