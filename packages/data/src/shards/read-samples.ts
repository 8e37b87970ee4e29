import { ReadableStream, type ReadableWritablePair } from 'node:stream/web';
import { ResnetError } from '@resnet/backend/error';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { IMAGE_ENDINGS } from '../image-files.js';

/** An image of a shard, as it is stored. */
export interface ShardSample {
  /** The files' common name, without its ending. */
  key: string;
  /** The image file's bytes; a buffer of their own. */
  encoded: Uint8Array;
  label: number;
}

/** More than a photograph takes, less than would harm. */
const MOST_IMAGE_BYTES = 2 ** 28;
const MOST_LABEL_BYTES = 32;

/**
 * The images of a tar shard in WebDataset's form: for each, files of one name that follow each other, of which one ends
 * like an image and one, `.cls`, holds the class's number as text. Files with other endings, links and folders are
 * passed over. Nothing is written to disk, so names may be anything.
 *
 * @param name the shard's, for messages
 * @throws DATA_INVALID if it is cut off, damaged or no tar, or if an image lacks its class, or the other way round
 */
export async function* readSamples(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<ShardSample, void> {
  const invalid = (found: string, cause?: unknown) =>
    new ResnetError(
      'DATA_INVALID',
      `The shard '${name}' must be a whole tar of images (.jpg, .png, …) and their classes (.cls), found ${found}. ` +
        'Get or make it again.',
      { cause },
    );
  // modern-tar's streams are typed as a browser's, which TypeScript doesn't know to be iterable.
  const decoder = createTarDecoder({ strict: true }) as unknown as ReadableWritablePair<
    ParsedTarEntry,
    Uint8Array
  >;
  let sample: Partial<ShardSample> = {};
  const finished = (): ShardSample | undefined => {
    const { key, encoded, label } = sample;
    if (encoded && label !== undefined) return { key: key!, encoded, label };
    if (encoded) throw invalid(`no class for ${key}`);
    if (label !== undefined) throw invalid(`no image for ${key}`);
    return undefined;
  };
  const entries = ReadableStream.from(bytes).pipeThrough(decoder)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value: entry, done } = await entries.next();
      if (done) break;
      const { key, ending } = split(entry.header.name);
      const isLabel = ending === 'cls';
      if (entry.header.type !== 'file' || !(isLabel || IMAGE_ENDINGS.includes(`.${ending}`))) {
        await readEntry(entry, 0);
        continue;
      }
      if (key !== sample.key) {
        const whole = finished();
        if (whole) yield whole;
        sample = { key };
      }
      const most = isLabel ? MOST_LABEL_BYTES : MOST_IMAGE_BYTES;
      const { size } = entry.header;
      if (size > most) throw invalid(`${entry.header.name} of ${size} bytes, more than ${most}`);
      const contents = await readEntry(entry, size);
      if (isLabel) {
        const text = new TextDecoder().decode(contents).trim();
        if (!/^\d{1,9}$/.test(text)) throw invalid(`'${text}' as the class of ${key}`);
        sample.label = Number(text);
      } else if (sample.encoded) throw invalid(`two images for ${key}`);
      else sample.encoded = contents;
    }
    const last = finished();
    if (last) yield last;
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    throw invalid(
      `that it is none, cut off or damaged (${(cause as Error).message.replace(/\.$/, '')})`,
      cause,
    );
  } finally {
    // A decoder that failed has ended, and says so once more.
    await entries.return?.().catch(() => {});
  }
}

/** The part of a path before the first point of its file's name, and the part after it. */
function split(path: string): { key: string; ending: string } {
  const start = path.lastIndexOf('/') + 1;
  const point = path.indexOf('.', start);
  return point < 0
    ? { key: path, ending: '' }
    : { key: path.slice(0, point), ending: path.slice(point + 1).toLowerCase() };
}

/** The first bytes of an entry, which is read to its end: modern-tar (0.8.6) loses the next one's after `cancel`. */
async function readEntry({ body }: ParsedTarEntry, kept: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(kept);
  let filled = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    if (filled < kept) bytes.set(value.subarray(0, kept - filled), filled);
    filled += value.length;
  }
}
