import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BackendName } from '@resnet/backend';
import { compareLogits } from './agreement.js';
import { benchmarkGpu } from './compare-gpu.js';
import { profiledNetworks, profileTraining } from './profile.js';

/** The benchmarks that need only this project, and so can be copied to a machine with a GPU. */
export const gpuHelp = `
  gpu                images a second of ResNet-20 and 50, training and inference, on a GPU
  profile [NETWORK]  where the time of a training step of resnet20 or resnet50 on WebGPU goes: dispatches, GPU, JavaScript
  agreement          how far logits and losses on a GPU are from those on WebAssembly; the exit code is 1 if they disagree

  --backend NAME     webgpu (the default), node-gpu, wasm …; for gpu several times, for profile webgpu only
  --batch-size N     of ResNet-50 in gpu and profile, instead of 64
  --peer FILE        for gpu: what \`python3 scripts/pytorch/measure_gpu.py\` printed, to show beside
  --quick            batches and images small enough for a GPU in software`;

const options = {
  quick: { type: 'boolean', default: false },
  backend: { type: 'string', multiple: true, default: ['webgpu'] as string[] },
  'batch-size': { type: 'string' },
  peer: { type: 'string' },
} as const;

const names = ['gpu', 'profile', 'agreement'] as const;
type GpuCommand = (typeof names)[number];

export function isGpuCommand(name: string | undefined): name is GpuCommand {
  return names.some((known) => known === name);
}

/** Whether the command line was valid; if so, it has run. */
export async function runGpuCommand(name: GpuCommand, parameters: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({ args: parameters, options, allowPositionals: true });
  const { quick, backend: backends, peer } = values;
  const batchSize = Number(values['batch-size'] ?? 0);
  if (!Number.isInteger(batchSize) || batchSize < 0) return false;
  const sizes = { quick, ...(batchSize ? { batchSize } : {}) };
  if (name === 'gpu') {
    // Paths are relative to where npm was called, not to this package.
    const file = peer && resolve(process.env.INIT_CWD ?? '.', peer);
    benchmarkGpu({ ...sizes, backends, ...(file ? { peer: file } : {}) });
  } else if (name === 'profile') {
    const [network = 'resnet20'] = positionals;
    if (!profiledNetworks.includes(network) || backends.some((backend) => backend !== 'webgpu')) return false;
    profileTraining(network, sizes);
  } else {
    for (const backend of backends) await compareLogits(backend as BackendName);
  }
  return true;
}
