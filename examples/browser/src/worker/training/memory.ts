import type { Model } from '@resnet/zoo';
import type { SavedTraining } from './saved-training.js';
import type { TrainingData } from './training-data.js';

type TrainedModel = Omit<Model, 'origin'>;

/** What the worker holds of a training between calls. */
export const memory: { training?: SavedTraining; data?: TrainingData; models: TrainedModel[] } = {
  models: [],
};

/** Forgets the networks and disposes of them. */
export function disposeModels(): void {
  for (const { network } of memory.models) network.dispose();
  memory.models = [];
}
