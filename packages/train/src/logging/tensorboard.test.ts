import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PbfReader } from 'pbf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestRecord, TrainRecord } from './metrics.js';
import { openTensorBoard, TensorBoardFile } from './tensorboard.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-tensorboard-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Value {
  tag?: string;
  scalar?: number;
  /** Single numbers by their fields, edges and counts as arrays. */
  histogram?: Record<number, number | number[]>;
}

interface ReadEvent {
  wallTime?: number;
  step?: number;
  fileVersion?: string;
  status?: number;
  values: Value[];
}

/** The checksum bit by bit, as a check of the table. */
function checksum(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((remainder ^ (byte >> bit)) & 1) === 1;
      remainder = (remainder >>> 1) ^ (isOdd ? 0x82f63b78 : 0);
    }
  }
  return ~remainder >>> 0;
}

/** Undoes TFRecord's mask: subtract, rotate left by 15. */
function unmasked(value: number): number {
  const rotated = (value - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

function readRecords(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(data.length).toBe(length);
    expect(unmasked(bytes.readUInt32LE(at + 8))).toBe(checksum(bytes.subarray(at, at + 8)));
    expect(unmasked(bytes.readUInt32LE(at + 12 + length))).toBe(checksum(data));
    records.push(data);
    at += length + 16;
  }
  return records;
}

function readEvent(record: Buffer): ReadEvent {
  const readHistogram = (field: number, histogram: Record<number, number | number[]>, from: PbfReader) => {
    histogram[field] = field < 6 ? from.readDouble() : from.readPackedDouble();
  };
  const readValue = (field: number, value: Value, from: PbfReader) => {
    if (field === 1) value.tag = from.readString();
    if (field === 2) value.scalar = from.readFloat();
    if (field === 5) value.histogram = from.readMessage(readHistogram, {});
  };
  const readSummary = (field: number, values: Value[], from: PbfReader) => {
    if (field === 1) values.push(from.readMessage(readValue, {}));
  };
  const readStatus = (field: number, event: ReadEvent, from: PbfReader) => {
    if (field === 1) event.status = from.readVarint();
  };
  return new PbfReader(record).readFields<ReadEvent>(
    (field, event, from) => {
      if (field === 1) event.wallTime = from.readDouble();
      if (field === 2) event.step = from.readVarint();
      if (field === 3) event.fileVersion = from.readString();
      if (field === 5) from.readMessage(readSummary, event.values);
      if (field === 7) from.readMessage(readStatus, event);
    },
    { values: [] },
  );
}

const eventsOf = async (path: string) => readRecords(await readFile(path)).map(readEvent);
const names = async () => (await readdir(folder)).sort();

const train: TrainRecord = {
  kind: 'train',
  iteration: 300,
  epoch: 0.5,
  loss: 1.25,
  error: 0.5,
  learningRate: 0.1,
  imagesPerSecond: 900,
  waiting: 0.25,
  seconds: { data: 1, forward: 1, backward: 1, update: 1 },
};
const test: TestRecord = { kind: 'test', iteration: 300, epoch: 0.5, loss: 1.5, error: 0.625, count: 10 };

describe('TensorBoardFile', () => {
  it('begins with the version and the start of a session', async () => {
    const file = await TensorBoardFile.create(join(folder, 'new', 'run'));
    await file.close();
    expect(file.path).toMatch(/new.run.events\.out\.tfevents\.\d{10}\..+$/);
    const [version, start, ...more] = await eventsOf(file.path);
    expect(version).toMatchObject({ fileVersion: 'brain.Event:2', values: [] });
    expect(start).toMatchObject({ status: 1, step: 0, values: [] });
    expect(Math.abs(start!.wallTime! - Date.now() / 1000)).toBeLessThan(60);
    expect(more).toEqual([]);
  });

  it('keeps tags, steps, times and values', async () => {
    const file = await TensorBoardFile.create(folder);
    await file.scalars(2 ** 40, { 'größe/a': 0.1, b: Number.NaN }, 1234.5);
    await file.close();
    expect((await eventsOf(file.path))[2]).toEqual({
      wallTime: 1234.5,
      step: 2 ** 40,
      values: [
        { tag: 'größe/a', scalar: Math.fround(0.1) },
        { tag: 'b', scalar: Number.NaN },
      ],
    });
  });

  it('starts another file, behind the others by name, each time', async () => {
    await writeFile(join(folder, 'events.out.tfevents.9000000000.later'), '');
    const [first, second] = [await TensorBoardFile.create(folder), await TensorBoardFile.create(folder, 7)];
    await Promise.all([first.close(), second.close()]);
    expect((await names()).map((name) => name.split('.')[3])).toEqual([
      '9000000000',
      '9000000001',
      '9000000002',
    ]);
    expect((await eventsOf(second.path))[1]).toMatchObject({ status: 1, step: 7 });
  });

  it('says where it can’t write', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    const message = expect.stringContaining(path);
    await expect(TensorBoardFile.create(path)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', message });
    const file = await TensorBoardFile.create(folder);
    await file.close();
    await expect(file.scalars(1, { a: 1 })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});

describe('openTensorBoard', () => {
  it('writes what a run records', async () => {
    const board = await openTensorBoard(folder);
    await board.record(train);
    await board.record(test);
    await board.close();
    const events = await eventsOf(join(folder, (await names())[0]!));
    expect(events.slice(2).map(({ step, values }) => ({ step, values }))).toEqual([
      {
        step: 300,
        values: [
          { tag: 'train/loss', scalar: 1.25 },
          { tag: 'train/error', scalar: 0.5 },
          { tag: 'train/learning_rate', scalar: Math.fround(0.1) },
          { tag: 'train/images_per_second', scalar: 900 },
          { tag: 'train/waiting', scalar: 0.25 },
        ],
      },
      {
        step: 300,
        values: [
          { tag: 'test/loss', scalar: 1.5 },
          { tag: 'test/error', scalar: 0.625 },
        ],
      },
    ]);
  });

  it('writes histograms of weights', async () => {
    const board = await openTensorBoard(folder);
    const state = new Map([
      ['bn1.weight', { shape: [4], data: Float32Array.of(1, 1, 1, 1) }],
      ['fc.bias', { shape: [3], data: Float32Array.of(-1, 0.25, 2) }],
    ]);
    await board.histograms(5, state);
    await board.close();
    const { step, values } = (await eventsOf(join(folder, (await names())[0]!)))[2]!;
    expect(step).toBe(5);
    expect(values[0]).toEqual({
      tag: 'weights/bn1.weight',
      histogram: { 1: 1, 2: 1, 3: 4, 4: 4, 5: 4, 6: [1], 7: [4] },
    });
    const { tag, histogram } = values[1]!;
    expect(tag).toBe('weights/fc.bias');
    expect(histogram).toMatchObject({ 1: -1, 2: 2, 3: 3, 4: 1.25, 5: 5.0625 });
    const [edges, counts] = [histogram![6] as number[], histogram![7] as number[]];
    expect([edges.length, edges.at(-1)]).toEqual([30, 2]);
    expect(counts.flatMap((count, index) => (count > 0 ? [[index, count]] : []))).toEqual([
      [0, 1],
      [12, 1],
      [29, 1],
    ]);
  });

  it('has TensorBoard drop what came after the checkpoint that it goes on from', async () => {
    await (await openTensorBoard(folder)).close();
    await (await openTensorBoard(folder, 200)).close();
    const starts = await Promise.all(
      (await names()).map(async (name) => (await eventsOf(join(folder, name)))[1]!.step),
    );
    expect(starts).toEqual([0, 201]);
  });
});
