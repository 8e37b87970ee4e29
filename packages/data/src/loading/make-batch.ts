import { Random, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import type { Mixing } from '../transforms/mixing.js';
import type { Transform } from '../transforms/transform.js';
import type { Batch } from './batch.js';
import { type Admit, readAhead } from './read-ahead.js';

/** The images of a batch, and what seeds its random numbers. */
export interface BatchPlan {
  seed: number;
  epoch: number;
  /** Its index in the epoch. */
  batch: number;
  samples: PlannedSample[];
}

export interface PlannedSample {
  /** The image's index in the data set. */
  index: number;
  /** Its position in the epoch's order, which decides its augmentation. */
  position: number;
  label: number;
}

export interface BatchSteps {
  /** Applied to every image. */
  transform?: Transform | undefined;
  /** Applied to the batch. */
  mixing?: Mixing | undefined;
  /** Leave out broken images; else the first one ends the work with its error. */
  skipsBroken: boolean;
}

export interface MadeBatch {
  /** None if all of its images are broken. */
  batch: Batch | undefined;
  broken: { index: number; error: ResnetError }[];
}

/** Streams of random numbers, apart from that of the order. */
export const AUGMENTATION = 1;
const MIXING = 2;

/** Images of a batch that are read or decoded at a time, by as many threads as the platform has for that. */
const AT_ONCE = 8;

/**
 * Makes a batch: a function of the plan, the images and the steps, in whichever thread.
 *
 * @param imageOf the image of the sample at an index of the plan, which may be a view; it asks before it takes memory
 * @param isInMemory whether reading takes neither time nor memory
 * @throws SHAPE_MISMATCH if the images differ in size; IMAGE_INVALID or FILE_UNREADABLE for a broken image
 */
export async function makeBatch(
  plan: BatchPlan,
  imageOf: (slot: number, admit?: Admit) => Promise<Image>,
  steps: BatchSteps,
  isInMemory = false,
): Promise<MadeBatch> {
  // By their indices, as the first to fail is not always the first in order.
  const broken = new Map<number, MadeBatch['broken'][number]>();
  const read = async (slot: number, admit?: Admit) => {
    try {
      return await imageOf(slot, admit);
    } catch (error) {
      if (!steps.skipsBroken || !isBroken(error)) throw error;
      broken.set(slot, { index: plan.samples[slot]!.index, error });
      return undefined;
    }
  };
  const { samples } = plan;
  const images = isInMemory
    ? await Promise.all(samples.map((_, slot) => read(slot)))
    : readAhead(0, samples.length, read, { ahead: AT_ONCE });
  const items: Item[] = [];
  let slot = 0;
  for await (const image of images) {
    if (image) items.push(transformed(plan, slot, image, steps));
    slot++;
  }
  return {
    batch: items.length === 0 ? undefined : stacked(plan, items, steps),
    broken: samples.flatMap((_, slot) => broken.get(slot) ?? []),
  };
}

/** Whether an error tells of one broken image, which can be left out. */
export function isBroken(error: unknown): error is ResnetError {
  return ResnetError.is(error) && (error.code === 'IMAGE_INVALID' || error.code === 'FILE_UNREADABLE');
}

interface Item {
  image: Image;
  label: number;
}

function transformed(plan: BatchPlan, slot: number, image: Image, { transform }: BatchSteps): Item {
  const { position, label } = plan.samples[slot]!;
  if (!transform) return { image, label };
  return { image: transform(image, new Random(plan.seed, plan.epoch, AUGMENTATION, position)), label };
}

/** @throws SHAPE_MISMATCH if the images differ in size */
function stacked({ seed, epoch, batch }: BatchPlan, items: readonly Item[], { mixing }: BatchSteps): Batch {
  const { height, width, channels } = items[0]!.image;
  const size = height * width * channels;
  const images = new Uint8Array(items.length * size);
  items.forEach(({ image }, slot) => {
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        `All images of a batch must have one size: the first is ${height} x ${width} x ${channels}, ` +
          `number ${slot} is ${image.height} x ${image.width} x ${image.channels}. Check the transform.`,
      );
    }
    images.set(image.pixels, slot * size);
  });
  const labels = Int32Array.from(items, ({ label }) => label);
  const made = { images, labels, count: items.length, height, width, channels };
  return mixing ? mixing(made, new Random(seed, epoch, MIXING, batch)) : made;
}
