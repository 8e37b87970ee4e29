import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { StateDict } from '@resnet/blocks';
import { defined, ResnetError } from '@resnet/core';
import { type Event, encodeRecord } from './event-record.js';
import { type Histogram, histogramOf } from './histogram.js';
import type { MetricsRecord } from './metrics.js';

/**
 * An event file, which TensorBoard shows: `tensorboard --logdir runs` finds those of all folders in `runs`. Events are
 * appended one whole record at a time; TensorBoard ignores a record that a crash cut off.
 */
export class TensorBoardFile {
  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /**
   * Starts a new file; nothing is appended to an old one. A resumed run writes another file into the same folder.
   * TensorBoard reads them in the order of their names. At the start of each, it forgets what it read of `firstStep` and
   * later steps.
   *
   * @param folder made if it is not there
   * @param firstStep the least step of events to come
   * @throws FILE_UNWRITABLE
   */
  static async create(folder: string, firstStep = 0): Promise<TensorBoardFile> {
    let path = folder;
    try {
      await mkdir(folder, { recursive: true });
      path = join(folder, nextName(await readdir(folder)));
      const created = new TensorBoardFile(path, await open(path, 'ax'));
      await created.#append({ fileVersion: 'brain.Event:2' });
      await created.#append({ step: firstStep, isStart: true });
      return created;
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Appends numbers by their tags, 'train/loss': what is before the slash groups them. They are kept as float32.
   *
   * @param wallTime seconds since 1970, by default now
   * @throws FILE_UNWRITABLE
   */
  async scalars(step: number, values: Readonly<Record<string, number>>, wallTime?: number): Promise<void> {
    await this.#append({ step, scalars: values, ...defined({ wallTime }) });
  }

  /**
   * Appends how values are distributed, by their tags. Values that are not finite are left out.
   *
   * @param wallTime seconds since 1970, by default now
   * @throws FILE_UNWRITABLE
   */
  async histograms(
    step: number,
    values: ReadonlyMap<string, Float32Array>,
    wallTime?: number,
  ): Promise<void> {
    const histograms = new Map<string, Histogram>();
    for (const [tag, data] of values) {
      const histogram = histogramOf(data);
      if (histogram) histograms.set(tag, histogram);
    }
    await this.#append({ step, histograms, ...defined({ wallTime }) });
  }

  /** Once; nothing can be appended after it. */
  async close(): Promise<void> {
    await this.file.close();
  }

  async #append(event: Omit<Event, 'wallTime'> & { wallTime?: number }): Promise<void> {
    try {
      await this.file.appendFile(encodeRecord({ wallTime: Date.now() / 1000, ...event }));
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }
}

/** What a run tells TensorBoard. */
export interface TensorBoard {
  /** @throws FILE_UNWRITABLE */
  record(record: MetricsRecord): Promise<void>;
  /** How the values of each tensor are distributed, as 'weights/conv1.weight'. @throws FILE_UNWRITABLE */
  histograms(step: number, state: StateDict): Promise<void>;
  close(): Promise<void>;
  /** The event file. */
  path: string;
}

/**
 * Starts an event file in a run's folder. Steps are iterations.
 *
 * @param resumeIteration that of the checkpoint that the run goes on from: TensorBoard drops what came after it
 * @throws FILE_UNWRITABLE
 */
export async function openTensorBoard(folder: string, resumeIteration?: number): Promise<TensorBoard> {
  const file = await TensorBoardFile.create(folder, resumeIteration === undefined ? 0 : resumeIteration + 1);
  return {
    record: (record) => file.scalars(record.iteration, scalarsOf(record)),
    histograms: (step, state) =>
      file.histograms(step, new Map([...state].map(([name, { data }]) => [`weights/${name}`, data]))),
    close: () => file.close(),
    path: file.path,
  };
}

function scalarsOf(record: MetricsRecord): Record<string, number> {
  const { kind, loss, error } = record;
  const tagged = (values: Readonly<Record<string, number>> = {}) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}/${name}`, value]));
  const both = tagged({ ...(loss === undefined ? {} : { loss }), error });
  if (record.kind === 'test') return { ...both, ...tagged(record.measures) };
  return {
    ...both,
    ...tagged(record.losses),
    'train/learning_rate': record.learningRate,
    'train/images_per_second': record.imagesPerSecond,
    'train/waiting': record.waiting,
  };
}

/** A name that sorts after those that are there, even if the last file is of this second or the clock was set back. */
function nextName(names: readonly string[]): string {
  const seconds = names.map((name) => Number(/^events\.out\.tfevents\.(\d{10})\./.exec(name)?.[1] ?? 0));
  const now = Math.max(Math.floor(Date.now() / 1000), ...seconds.map((before) => before + 1));
  return `events.out.tfevents.${now}.${hostname()}`;
}

function unwritable(path: string, cause: unknown): ResnetError {
  if (ResnetError.is(cause)) return cause;
  const message = `Can't write events for TensorBoard to ${path}: ${(cause as Error).message}`;
  return new ResnetError('FILE_UNWRITABLE', message, { cause });
}
