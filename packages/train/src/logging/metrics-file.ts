import { constants, existsSync } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { ResnetError } from '@resnet/core';
import { readRegularText, readUpTo, syncToDisk, writeWholeFile } from '@resnet/files/node';
import type { Checkpoint } from '../fit/training-state.js';
import type { MetricsRecord } from './metrics.js';

/** The log of a run of 600,000 steps, with a record for each hundred, has about 2 MB. */
const MOST_METRICS_BYTES = 2 ** 26;
const MOST_METRICS_LINES = 300_000;

/** The log of a run: a file of one JSON record a line. */
export class MetricsFile {
  private constructor(
    private readonly path: string,
    readonly records: MetricsRecord[],
  ) {}

  /**
   * Starts a new log, or continues one from a checkpoint: records from after it are dropped, as their steps will be taken
   * again, and so is a line that a crash cut off. A missing log is started again.
   *
   * @throws FILE_UNWRITABLE
   */
  static async open(path: string, resume?: Checkpoint): Promise<MetricsFile> {
    const found = resume && existsSync(path) ? await readMetrics(path) : [];
    const records = found.filter((record) => isBefore(record, resume!));
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await writeWholeFile(path, text);
    return new MetricsFile(path, records);
  }

  /** @throws FILE_UNWRITABLE */
  async append(record: MetricsRecord): Promise<void> {
    this.records.push(record);
    try {
      await append(this.path, `${JSON.stringify(record)}\n`);
    } catch (cause) {
      const message = `Can't write the metrics to ${this.path}: ${(cause as Error).message}`;
      throw new ResnetError('FILE_UNWRITABLE', message, { cause });
    }
  }
}

/** A link that somebody has put under the file's name is not followed. */
async function append(path: string, line: string): Promise<void> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
  const file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW);
  try {
    await file.writeFile(line);
    // So that no checkpoint that follows outlives it when the power fails.
    await syncToDisk(file);
  } finally {
    await file.close();
  }
}

/** Whether the file is the log of a run, with or without records. */
export async function isMetricsFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return false;
  const start = '{"kind":"';
  // A crash may have cut off the first line.
  const file = await open(path).catch(() => undefined);
  try {
    return (
      file !== undefined && start.startsWith(new TextDecoder().decode(await readUpTo(file, start.length)))
    );
  } finally {
    await file?.close();
  }
}

/**
 * The records of a run's log. A last line that was cut off by a crash is left out, and so is whatever is no record with an
 * iteration and an error.
 *
 * @throws FILE_UNREADABLE if the system refuses, it is no file, or it is far larger than a log
 */
export async function readMetrics(path: string): Promise<MetricsRecord[]> {
  const text = await readRegularText(path, MOST_METRICS_BYTES).catch((cause: Error) => {
    throw new ResnetError('FILE_UNREADABLE', `Can't read the metrics in ${path}: ${cause.message}`, {
      cause,
    });
  });
  const lines = text.split('\n', MOST_METRICS_LINES + 1);
  if (lines.length > MOST_METRICS_LINES) {
    throw new ResnetError(
      'FILE_UNREADABLE',
      `The metrics in ${path} have more than the ${MOST_METRICS_LINES} lines that are read.`,
    );
  }
  return lines.flatMap((line) => {
    if (line === '') return [];
    try {
      const record = JSON.parse(line) as MetricsRecord;
      return isRecord(record) ? [record] : [];
    } catch {
      return [];
    }
  });
}

function isRecord(record: MetricsRecord): boolean {
  const { kind, iteration, error } = record;
  return (
    (kind === 'train' || kind === 'test') &&
    Number.isSafeInteger(iteration) &&
    iteration >= 0 &&
    Number.isFinite(error)
  );
}

function isBefore(record: MetricsRecord, { iteration, testDue }: Checkpoint): boolean {
  return (
    record.iteration < iteration || (record.iteration === iteration && !(record.kind === 'test' && testDue))
  );
}
