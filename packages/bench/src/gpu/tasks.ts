import type { Task } from '../networks/workload.js';

/** A task, with the height and width of its images. */
export interface GpuTask extends Task {
  size: number;
}

interface Sizes {
  quick: boolean;
  /** Of ResNet-50 in training; 64 by default. */
  batchSize?: number;
}

/** Training steps and inference of ResNet-20 and ResNet-50; `quick` is small enough for a GPU in software. */
export function gpuTasks({ quick, batchSize }: Sizes): GpuTask[] {
  const networks = quick
    ? [
        { network: 'resnet20', size: 32, batchSize: 4 },
        { network: 'resnet50', size: 32, batchSize: batchSize ?? 2 },
      ]
    : [
        { network: 'resnet20', size: 32, batchSize: 128 },
        { network: 'resnet50', size: 224, batchSize: batchSize ?? 64 },
      ];
  return networks.flatMap((of): GpuTask[] => [
    { ...of, mode: 'train' },
    { ...of, mode: 'infer', batchSize: 1 },
    { ...of, mode: 'infer' },
  ]);
}

/** 'resnet20, training, 32×32, batch 128' */
export function titleOf({ network, mode, size, batchSize }: GpuTask): string {
  return `${network}, ${mode === 'train' ? 'training' : 'inference'}, ${size}×${size}, batch ${batchSize}`;
}
