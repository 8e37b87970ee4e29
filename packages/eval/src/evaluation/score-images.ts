import { defined, nextTask, ResnetError, throwIfAborted } from '@resnet/core';
import {
  type Batch,
  type Dataset,
  type Image,
  type ImageSet,
  loader,
  type Normalization,
} from '@resnet/data';
import { type Classifier, toTensor } from '@resnet/zoo';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { type Averaging, ScoreAverage, type ScoreKind, type Scores } from '../metrics/scores.js';
import { applyTransform, singleView, type View } from '../views/views.js';

/** How a network looks at images. */
export interface ScoreOptions {
  normalization: Normalization;
  /** What it sees of each image. Default `singleView()`. */
  view?: View;
  /** How the scores of a view with several images are averaged. Default 'softmax', as in the paper. */
  averaging?: Averaging;
  /** The classes that count, as numbers of the network, in the order of the scores; all by default. */
  onlyClasses?: readonly number[] | undefined;
}

export interface LoadOptions {
  batchSize: number;
  workers: number;
  signal?: AbortSignal | undefined;
  /** Called for each broken image, with its index in the set; it is left out. Without it, the first one is an error. */
  onBroken?: ((error: ResnetError, index: number) => void) | undefined;
}

/** The scores of one image. */
export interface ScoredImage {
  scores: Scores;
  kind: ScoreKind;
}

/** Images that have been scored, with their labels and their indices in the set. */
export interface ScoredBatch {
  images: ScoredImage[];
  labels: ArrayLike<number>;
  indices: number[];
}

/** Scores images of a set in their order, some at a time. */
export async function* scoreSet(
  classifier: Classifier,
  set: ImageSet | Dataset,
  options: ScoreOptions,
  { batchSize, workers, signal, onBroken }: LoadOptions,
): AsyncGenerator<ScoredBatch> {
  const { view = singleView() } = options;
  const isSingle = view.kind === 'single';
  const broken = new Set<number>();
  const batches = loader(set, {
    // Other views take images of any size, one at a time.
    batchSize: isSingle ? batchSize : 1,
    workers,
    ...defined({
      transform: isSingle ? view.transform : undefined,
      onBroken:
        onBroken &&
        ((error: ResnetError, index: number) => {
          broken.add(index);
          onBroken(error, index);
        }),
    }),
  });
  let index = 0;
  try {
    for await (const batch of batches.epoch(0)) {
      await nextTask();
      throwIfAborted(signal, 'Evaluation');
      const { labels, channels } = batch;
      checkChannels(classifier, set, channels);
      const indices: number[] = [];
      // The loader has reported all broken images before the last one of the batch.
      for (; indices.length < batch.count; index++) if (!broken.has(index)) indices.push(index);
      const images = isSingle
        ? await scoreBatch(classifier, batch, options)
        : [await scoreImage(classifier, imageOf(batch), options, signal)];
      yield { images, labels, indices };
    }
  } finally {
    batches.close();
  }
}

/** The channels of a set that is read as it goes are known with its first batch. */
function checkChannels({ architecture }: Classifier, { name }: { name: string }, channels: number): void {
  if (channels === architecture.inChannels) return;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${architecture.name} takes images of ${architecture.inChannels} channels; those of '${name}' have ${channels}.`,
  );
}

/** Scores one image as the view of it says. */
export async function scoreImage(
  classifier: Classifier,
  image: Image,
  options: ScoreOptions,
  signal?: AbortSignal,
): Promise<ScoredImage> {
  const { view = singleView(), averaging = 'softmax', onlyClasses } = options;
  if (view.kind === 'single') {
    const seen = view.transform ? applyTransform(view.transform, image) : image;
    checkChannels(classifier, { name: 'the image' }, seen.channels);
    const [scored] = await scoreBatch(classifier, batchOf([seen]), options);
    return scored!;
  }
  const average = new ScoreAverage(onlyClasses?.length ?? classifier.architecture.classes, averaging);
  if (view.kind === 'crops') {
    for (const { scores, kind } of await scoreBatch(classifier, batchOf(view.crops(image)), options)) {
      average.add(scores, kind);
    }
    return { scores: average.mean(), kind: average.kind };
  }
  for (const scaled of view.images(image)) {
    await nextTask();
    throwIfAborted(signal, 'Evaluation');
    average.add(await scoreMap(classifier, scaled, options, averaging), average.kind);
  }
  return { scores: average.mean(), kind: average.kind };
}

/** The mean over all positions at which the classifier fits. */
async function scoreMap(
  classifier: Classifier,
  image: Image,
  { normalization, onlyClasses }: ScoreOptions,
  averaging: Averaging,
): Promise<Float64Array> {
  if (!classifier.inferMap) {
    throw new ResnetError(
      'ENGINE_FAILED',
      `A fully convolutional test takes a network that prepare(network) made for tfjs; this ${classifier.architecture.name} can't be used on larger images.`,
    );
  }
  const logits = await valuesOf(toTensor(batchOf([image]), normalization), (images) =>
    classifier.inferMap!(images),
  );
  const positions = rowsOf(logits, classifier.architecture.classes, onlyClasses);
  const average = new ScoreAverage(positions[0]!.length, averaging);
  for (const scores of positions) average.add(scores, 'logits');
  return average.mean();
}

async function scoreBatch(
  classifier: Classifier,
  batch: Pixels,
  { normalization, onlyClasses }: ScoreOptions,
): Promise<ScoredImage[]> {
  const logits = await valuesOf(toTensor(batch, normalization), (images) => classifier.infer(images));
  return rowsOf(logits, classifier.architecture.classes, onlyClasses).map((scores) => ({
    scores,
    kind: 'logits',
  }));
}

/** The values that a network computes of images. Disposes the images. */
async function valuesOf(
  images: Tensor4D,
  infer: (images: Tensor4D) => Promise<Tensor>,
): Promise<Float32Array> {
  try {
    const result = await infer(images);
    const values = (await result.data()) as Float32Array;
    result.dispose();
    return values;
  } finally {
    images.dispose();
  }
}

function rowsOf(logits: Float32Array, classes: number, onlyClasses?: readonly number[]): Float32Array[] {
  return Array.from({ length: logits.length / classes }, (_, number) => {
    const row = logits.subarray(number * classes, (number + 1) * classes);
    return onlyClasses ? Float32Array.from(onlyClasses, (index) => row[index]!) : row;
  });
}

type Pixels = Omit<Batch, 'labels'>;

function batchOf(images: readonly Image[]): Pixels {
  const { height, width, channels } = images[0]!;
  const size = height * width * channels;
  const pixels = new Uint8Array(images.length * size);
  for (const [index, image] of images.entries()) pixels.set(image.pixels, index * size);
  return { images: pixels, count: images.length, height, width, channels };
}

function imageOf({ images, height, width, channels }: Batch): Image {
  return { pixels: images, height, width, channels };
}
