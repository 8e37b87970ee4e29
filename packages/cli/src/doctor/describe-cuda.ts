import { CUDA_FOR_NPM, OLDEST_DRIVER } from '@resnet/backend';
import type { Row } from '../shared/terminal/print.js';
import type { GpuReport } from './examine-gpus.js';

/**
 * Rows of the CUDA that `node-gpu` needs, and of what is there: another one where npm has installed tfjs-node-gpu than where
 * `resnet setup-gpu` has.
 *
 * @param isInstalled whether tfjs-node-gpu is there, one way or the other
 */
export function cudaRows({ driver, libraries, setup }: GpuReport, isInstalled: boolean): Row[] {
  if (setup) {
    const { tensorflow, cuda, cudnn, library } = setup;
    const part = (name: string, version: string | null) => `${name} ${version ?? 'missing'}`;
    const parts = [part('TensorFlow', tensorflow), part('CUDA', cuda), part('cuDNN', cudnn)];
    return [
      [
        'CUDA',
        [
          `of setup-gpu: ${parts.join(', ')} in ${library}`,
          `NVIDIA’s driver ${OLDEST_DRIVER} or later is all it needs besides; found: ${foundDriver(driver)}`,
        ],
      ],
    ];
  }
  const found = libraries.join(', ') || 'none';
  if (isInstalled) return [['CUDA', `tfjs-node-gpu of npm needs ${CUDA_FOR_NPM}; found: ${found}`]];
  return libraries.length === 0 ? [] : [['CUDA', `${found}; setup-gpu brings its own`]];
}

function foundDriver(driver: string | null): string {
  if (driver === null) return 'no driver';
  return isOlder(driver, OLDEST_DRIVER) ? `${driver}, which is too old` : driver;
}

/** Versions of numbers and points. */
function isOlder(version: string, than: string): boolean {
  const [numbers, others] = [version, than].map((text) => text.split('.').map(Number)) as [
    number[],
    number[],
  ];
  const index = others.findIndex((number, position) => number !== (numbers[position] ?? 0));
  return index >= 0 && (numbers[index] ?? 0) < others[index]!;
}
