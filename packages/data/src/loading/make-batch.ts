import { Random, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import type { Mixing } from '../transforms/mixing.js';
import type { Transform } from '../transforms/transform.js';
import type { Batch } from './batch.js';
import { type Admit, readAhead } from './read-ahead.js';

/** Which images make a batch, and whence its random numbers come. */
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

/** Keep the numbers of the augmentation and of mixing apart from those of the order. */
const AUGMENTATION = 1;
const MIXING = 2;

/** Images of a batch that are read or decoded at a time, by as many threads as the platform has for that. */
const AT_ONCE = 8;

/** Puts a batch together: a function of the plan, the steps and the images, wherever it runs. */
class BatchBuilder {
  readonly #items: { image: Image; label: number }[] = [];

  constructor(
    private readonly plan: BatchPlan,
    private readonly steps: BatchSteps,
  ) {}

  /**
   * Transforms and adds the image of the sample at an index of the plan; indices come in order.
   *
   * @param image may be a view, which is not written to
   */
  add(slot: number, image: Image): void {
    const { seed, epoch, samples } = this.plan;
    const { position, label } = samples[slot]!;
    const { transform } = this.steps;
    const random = () => new Random(seed, epoch, AUGMENTATION, position);
    this.#items.push({ image: transform ? transform(image, random()) : image, label });
  }

  /**
   * @returns nothing if no image was added
   * @throws SHAPE_MISMATCH if the images differ in size
   */
  build(): Batch | undefined {
    if (this.#items.length === 0) return undefined;
    const { seed, epoch, batch } = this.plan;
    const made = stacked(this.#items);
    return this.steps.mixing ? this.steps.mixing(made, new Random(seed, epoch, MIXING, batch)) : made;
  }
}

/**
 * Makes a batch of images that take time to come.
 *
 * @param imageOf the image of the sample at an index of the plan; it asks before it takes memory
 * @throws SHAPE_MISMATCH if the images differ in size; IMAGE_INVALID or FILE_UNREADABLE for a broken image
 */
export async function makeBatch(
  plan: BatchPlan,
  imageOf: (slot: number, admit: Admit) => Promise<Image>,
  steps: BatchSteps,
): Promise<MadeBatch> {
  // By their indices, as the first to fail is not always the first in order.
  const broken = new Map<number, MadeBatch['broken'][number]>();
  const read = async (slot: number, admit: Admit) => {
    try {
      return await imageOf(slot, admit);
    } catch (error) {
      if (!steps.skipsBroken || !isBroken(error)) throw error;
      broken.set(slot, { index: plan.samples[slot]!.index, error });
      return undefined;
    }
  };
  const builder = new BatchBuilder(plan, steps);
  let slot = 0;
  for await (const image of readAhead(0, plan.samples.length, read, { ahead: AT_ONCE })) {
    if (image) builder.add(slot, image);
    slot++;
  }
  return { batch: builder.build(), broken: plan.samples.flatMap((_, slot) => broken.get(slot) ?? []) };
}

function isBroken(error: unknown): error is ResnetError {
  return ResnetError.is(error) && (error.code === 'IMAGE_INVALID' || error.code === 'FILE_UNREADABLE');
}

function stacked(items: { image: Image; label: number }[]): Batch {
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
  return { images, labels, count: items.length, height, width, channels };
}
