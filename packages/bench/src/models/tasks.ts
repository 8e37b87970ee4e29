import type { Task } from '../networks/workload.js';

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
      turns: network === 'resnet152' ? 1 : batchSize === 1 ? 5 : 3,
      seconds: 2,
    })),
  ),
  // Long, as V8 needs thousands of runs to optimize all of the JavaScript.
  { network: 'resnet20', batchSize: 1, mode: 'infer', turns: 3, seconds: 8 },
  { network: 'resnet20', batchSize: 128, mode: 'train', turns: 3, seconds: 4 },
  { network: 'resnet56', batchSize: 128, mode: 'train', turns: 1, seconds: 10 },
];

/** What `train` measures: the networks of the paper's Table 6 that fit in memory, the deep ones once. */
export const trainTasks: ScheduledTask[] = [20, 32, 44, 56, 110].map((depth) => ({
  network: `resnet${depth}`,
  batchSize: 128,
  mode: 'train',
  turns: depth === 20 ? 5 : 1,
  seconds: 4,
}));
