import { isImageNetName } from './imagenet.js';
import { plainCifar } from './plain-cifar.js';
import { plainImageNet } from './plain-imagenet.js';
import type { Task, Workload } from './workload.js';

/** The networks as a tfjs user would write them, on tfjs's own WASM backend. */
export function start(task: Task): Promise<Workload> {
  return isImageNetName(task.network) ? plainImageNet(task) : plainCifar(task);
}
