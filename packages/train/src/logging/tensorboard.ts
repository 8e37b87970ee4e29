import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { type Event, encodeRecord } from './event-record.js';
import { histogramOf } from './histogram.js';
import type { MetricsRecord } from './metrics.js';

/**
 * An event file, which TensorBoard shows: `tensorboard --logdir runs` finds those of all folders in `runs`. Events are
 * appended one whole record at a time; of a record that a crash cut off TensorBoard takes no notice.
 */
export class TensorBoardFile {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Starts a new file, as nothing is ever appended to an old one: who resumes writes another into the same folder.
   * TensorBoard reads them in the order of their names and, at the start of each, forgets what it read before of the
   * first step and later ones.
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
   * Appends numbers by their tags, 'train/loss': what stands before the stroke groups them. They are kept as float32.
   *
   * @param wallTime seconds since 1970, by default now
   * @throws FILE_UNWRITABLE
   */
  async scalars(step: number, values: Readonly<Record<string, number>>, wallTime?: number): Promise<void> {
    await this.#append({ step, scalars: values, ...(wallTime === undefined ? {} : { wallTime }) });
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
    const histograms = new Map(
      [...values].flatMap(([tag, data]) => {
        const histogram = histogramOf(data);
        return histogram ? [[tag, histogram] as const] : [];
      }),
    );
    await this.#append({ step, histograms, ...(wallTime === undefined ? {} : { wallTime }) });
  }

  /** Once; nothing can be appended after it. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #append(event: Omit<Event, 'wallTime'> & { wallTime?: number }): Promise<void> {
    try {
      await this.#file.appendFile(encodeRecord({ wallTime: Date.now() / 1000, ...event }));
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
  const both = { [`${kind}/loss`]: loss, [`${kind}/error`]: error };
  if (record.kind === 'test') return both;
  return {
    ...both,
    'train/learning_rate': record.learningRate,
    'train/images_per_second': record.imagesPerSecond,
    'train/waiting': record.waiting,
  };
}

/** Behind the names that are there, even if the last file was made in this very second or the clock was set back. */
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
