import { defined } from '@resnet/core';
import { type Batch, loader } from '@resnet/data';
import type { SingleView } from '@resnet/eval';
import type { Model, ModelNetwork } from '@resnet/zoo';
import type { Io } from '../terminal/io.js';
import { chosenView } from '../weights/chosen-view.js';
import type { Images } from './data-sets.js';

const USUAL_COUNT = 256;

/** Images to find ranges of activations with: drawn at random with a fixed seed, as the network sees them in tests. */
export async function calibrationImages(
  set: Images,
  model: Pick<Model<ModelNetwork>, 'network' | 'preprocessing'>,
  { signal }: Pick<Io, 'signal'>,
  count = USUAL_COUNT,
): Promise<Batch> {
  const { transform } = chosenView({}, set, model) as SingleView;
  const batchSize = Math.min(count, set.count);
  const batches = loader(set, { batchSize, shuffle: true, ...defined({ transform, signal }) });
  for await (const batch of batches.epoch(0)) return batch;
  throw new Error('A loader has a batch at least.');
}
