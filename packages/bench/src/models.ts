import type { Task } from './networks/workload.js';

/** A task, how often to measure each library, and for how many seconds. */
export interface ScheduledTask extends Task {
  turns: number;
  seconds: number;
}

/** What `models` measures: long tasks less often. */
export const modelTasks: ScheduledTask[] = [
  ...['resnet18', 'resnet50', 'resnet152'].flatMap((network) =>
    [1, 8].map((batchSize) => ({
      network,
      batchSize,
      mode: 'infer' as const,
      turns: network === 'resnet152' ? 1 : 3,
      seconds: 2,
    })),
  ),
  { network: 'resnet20', batchSize: 128, mode: 'train', turns: 3, seconds: 4 },
  { network: 'resnet56', batchSize: 128, mode: 'train', turns: 1, seconds: 10 },
];
