import { PbfWriter } from 'pbf';
import { crc32c } from './crc32c.js';
import type { Histogram } from './histogram.js';

/** One entry of TensorBoard's event files, of one of these kinds. */
export interface Event {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  fileVersion?: string;
  /** Readers forget what they read before of this event's step and later ones. */
  isStart?: boolean;
  scalars?: Readonly<Record<string, number>>;
  histograms?: ReadonlyMap<string, Histogram>;
}

/** What SessionLog calls START. */
const START = 1;

/** An event as a record of TFRecord files: its length, its bytes, and the checksum of each. */
export function encodeRecord(event: Event): Uint8Array {
  const data = encodeEvent(event);
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return record;
}

/** TFRecord masks checksums, as the data may contain checksums too. */
function maskedChecksum(bytes: Uint8Array): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** The numbers are those of the fields in TensorBoard's event.proto and summary.proto. */
function encodeEvent(event: Event): Uint8Array {
  const { wallTime, step, fileVersion, isStart, scalars, histograms } = event;
  const to = new PbfWriter();
  to.writeDoubleField(1, wallTime);
  if (step !== undefined) to.writeVarintField(2, step);
  if (fileVersion !== undefined) to.writeStringField(3, fileVersion);
  if (scalars || histograms) to.writeMessage(5, writeSummary, event);
  if (isStart) to.writeMessage(7, writeSessionLog, START);
  return to.finish();
}

function writeSessionLog(status: number, to: PbfWriter): void {
  to.writeVarintField(1, status);
}

function writeSummary({ scalars = {}, histograms = new Map() }: Event, to: PbfWriter): void {
  for (const scalar of Object.entries(scalars)) to.writeMessage(1, writeScalar, scalar);
  for (const histogram of histograms) to.writeMessage(1, writeTaggedHistogram, histogram);
}

function writeScalar([tag, value]: [string, number], to: PbfWriter): void {
  to.writeStringField(1, tag);
  to.writeFloatField(2, value);
}

function writeTaggedHistogram([tag, histogram]: [string, Histogram], to: PbfWriter): void {
  to.writeStringField(1, tag);
  to.writeMessage(5, writeHistogram, histogram);
}

function writeHistogram(histogram: Histogram, to: PbfWriter): void {
  to.writeDoubleField(1, histogram.min);
  to.writeDoubleField(2, histogram.max);
  to.writeDoubleField(3, histogram.count);
  to.writeDoubleField(4, histogram.sum);
  to.writeDoubleField(5, histogram.sumOfSquares);
  to.writePackedDouble(6, histogram.edges);
  to.writePackedDouble(7, histogram.counts);
}
