import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ownProgram } from '../own-program.js';
import { type FoundSetup, findSetup } from '../setup-gpu/find-setup.js';

const run = promisify(execFile);

/** What NVIDIA's driver and the dynamic linker report, and what `resnet setup-gpu` has set up. */
export interface GpuReport {
  /** 'NVIDIA H200, driver 550.54, 143771 MiB', of each. */
  nvidia: string[];
  /** The driver's version; null where it does not answer. */
  driver: string | null;
  /** The files of CUDA and cuDNN that programs would load, as 'libcudnn.so.8'. */
  libraries: string[];
  setup: FoundSetup | null;
}

/** Looks for GPUs, and for what tfjs-node-gpu needs besides. What is not found is left out. */
export async function examineGpus(): Promise<GpuReport> {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const [gpus, libraries, setup = null] = await Promise.all([
    linesOf('nvidia-smi', query),
    linesOf('ldconfig', ['-p']).then((lines) =>
      lines.length > 0 ? lines : linesOf('/sbin/ldconfig', ['-p']),
    ),
    findSetup(ownProgram),
  ]);
  const names = libraries.map((line) => line.split(' ', 1)[0]!);
  return {
    nvidia: gpus.map((line) => line.replace(/^(.*), (.*), (.*)$/, '$1, driver $2, $3')),
    driver: gpus[0]?.split(', ')[1] ?? null,
    libraries: [...new Set(names)].filter((name) => /^lib(cudart|cublas|cudnn)\.so\.\d/.test(name)).sort(),
    setup,
  };
}

/** The lines that a program prints; none where there is no such program, or it fails. */
async function linesOf(program: string, parameters: string[]): Promise<string[]> {
  try {
    const { stdout } = await run(program, parameters, { timeout: 5000 });
    return stdout.split('\n').flatMap((line) => line.trim() || []);
  } catch {
    return [];
  }
}
