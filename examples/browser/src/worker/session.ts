import type { Backend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import { isDetector, openDetector, type PreparedDetector, prepareDetector } from '@resnet/detection';
import { type Classifier, type Model, openModel, prepare, readWeights } from '@resnet/zoo';
import type { BackendChoice } from '../backends.js';

/** A file of weights; it is kept, as all tensors are lost when the backend changes. */
export interface WeightsFile {
  name: string;
  bytes: Uint8Array;
}

/** A network with everything that is needed to use it. */
export interface OpenNetwork {
  file: WeightsFile;
  model: Model;
  /** The same network, for inference alone. */
  classifier: Classifier;
  /** From the weights, or from the user. */
  normalization: Normalization | undefined;
}

/** A detector with everything that is needed to use it. */
export interface OpenDetector {
  file: WeightsFile;
  prepared: PreparedDetector;
  normalization: Normalization;
  classNames: readonly string[];
  parameters: number;
  /** What was recognized, left out and guessed. */
  notes: readonly string[];
}

/** What the worker holds between calls. */
export const session: {
  backend?: Backend;
  choice?: BackendChoice;
  network?: OpenNetwork;
  detector?: OpenDetector;
} = {};

/** Replaces the open network by another; if that fails, the open one stays. */
export async function openNetwork(
  file: WeightsFile,
  normalization?: Normalization | undefined,
): Promise<OpenNetwork> {
  const weights = readWeights(file.bytes);
  if (isDetector(weights)) {
    throw new ResnetError('WEIGHTS_MISMATCH', `${file.name} is a detector: open it in the tab Detect.`);
  }
  const model = openModel(weights);
  let classifier: Classifier;
  try {
    classifier = await prepare(model.network);
  } catch (error) {
    model.network.dispose();
    throw error;
  }
  closeNetwork();
  session.network = { file, model, classifier, normalization: model.normalization ?? normalization };
  return session.network;
}

export function closeNetwork(): void {
  session.network?.classifier.dispose();
  session.network?.model.network.dispose();
  delete session.network;
}

/** @throws WEIGHTS_MISSING if none is open */
export function currentNetwork(): OpenNetwork {
  if (session.network) return session.network;
  throw new ResnetError('WEIGHTS_MISSING', 'There is no network yet: open a file of weights.');
}

/** The network that is open, ready for images. @throws WEIGHTS_MISSING; OPTION_INVALID */
export function currentClassifier(): OpenNetwork & { normalization: Normalization } {
  const { normalization, ...rest } = currentNetwork();
  if (normalization) return { ...rest, normalization };
  throw new ResnetError(
    'OPTION_INVALID',
    'The weights don’t tell how images are normalized: give the mean and the standard deviation.',
  );
}

/** Replaces the open detector by another; if that fails, the open one stays. */
export function replaceDetector(file: WeightsFile): OpenDetector {
  const { detector, normalization, classNames, notes } = openDetector(readWeights(file.bytes));
  const { classes } = detector.settings;
  try {
    const open = {
      ...{ file, prepared: prepareDetector(detector), normalization, notes },
      classNames: classNames ?? Array.from({ length: classes }, (_, label) => `class ${label + 1}`),
      parameters: detector.parameterCount(),
    };
    closeDetector();
    session.detector = open;
    return open;
  } finally {
    detector.dispose();
  }
}

export function closeDetector(): void {
  session.detector?.prepared.dispose();
  delete session.detector;
}

/** @throws WEIGHTS_MISSING if none is open */
export function currentDetector(): OpenDetector {
  if (session.detector) return session.detector;
  throw new ResnetError('WEIGHTS_MISSING', 'There is no detector yet: open a file of weights.');
}
