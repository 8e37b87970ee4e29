import { ResnetError } from '@resnet/core';
import { byExtension, describeIgnored, IgnoredFilesCounter } from '../folders/ignored-files.js';
import { readTar } from '../formats/tar.js';
import { MOST_IMAGE_BYTES } from '../images/image-limits.js';
import { SampleFiles, sampleFile } from './sample-files.js';

/** An image of a shard, before it is decoded. */
export interface ShardSample {
  /** The files' common name, without extension. */
  key: string;
  /** The image file's bytes, in a buffer of their size. */
  encoded: Uint8Array;
  label: number;
}

const MOST_LABEL_BYTES = 32;
/** The most images and classes of one sample. */
const MOST_FILES = 32;

/**
 * The images of a tar shard in WebDataset's format. The files of a sample have one name and follow each other: an image file and a
 * `.cls` file with the number of the class as text. If several are image files, such as `x.jpg` and `x.mask.png`, the one with a
 * single dot is taken. Other files, links and folders are skipped. Nothing is written to disk, so any names are safe.
 *
 * @param name the shard's name, for messages
 * @param ignored counts what is skipped
 * @throws DATA_INVALID if the shard is cut off, damaged or no tar, if an image has no class or a class no image, or if it has files
 *   but no image
 */
export async function* readSamples(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  ignored?: IgnoredFilesCounter,
): AsyncGenerator<ShardSample, void> {
  const invalid = (found: string, cause?: unknown) =>
    new ResnetError(
      'DATA_INVALID',
      `The shard '${name}' must be a whole tar of images (.jpg, .png, …) and their classes (.cls), found ${found}. ` +
        'Get or make it again.',
      { cause },
    );
  const skipped = new IgnoredFilesCounter();
  const skip = (reason: string, path: string) => {
    skipped.add(reason, path);
    ignored?.add(reason, `${name}: ${path}`);
  };
  let count = 0;
  let sample = new SampleFiles('');
  const finished = () => {
    try {
      const whole = sample.whole();
      if (whole) count++;
      return whole;
    } catch (cause) {
      throw invalid((cause as Error).message, cause);
    }
  };
  try {
    for await (const { name: path, kind, size, read } of readTar(bytes)) {
      if (kind !== 'file') {
        if (kind === 'other') skip('that are no files', path);
        continue;
      }
      const file = sampleFile(path);
      if (sample.isBefore(file)) {
        const whole = finished();
        if (whole) yield whole;
        sample = new SampleFiles(file.key);
      }
      if (file.kind === 'other') {
        sample.addOther(file);
        skip(byExtension(path.slice(path.lastIndexOf('/') + 1)), path);
        continue;
      }
      const isLabel = file.kind === 'label';
      const most = isLabel ? MOST_LABEL_BYTES : MOST_IMAGE_BYTES;
      if (size > most) throw invalid(`${path} of ${size} bytes, more than ${most}`);
      if (sample.bytes + size > MOST_IMAGE_BYTES || sample.count >= MOST_FILES) {
        throw invalid(`more than ${MOST_FILES} files or ${MOST_IMAGE_BYTES} bytes for ${file.key}`);
      }
      const contents = await read(size);
      if (isLabel) {
        const text = new TextDecoder().decode(contents).trim();
        if (!/^\d{1,9}$/.test(text)) throw invalid(`'${text}' as the class of ${file.key}`);
        sample.addLabel(file, Number(text));
      } else sample.addImage(file, contents);
    }
    const last = finished();
    if (last) yield last;
    const others = skipped.list();
    if (count === 0 && others.length > 0) throw invalid(`no image, but ${describeIgnored(others)}`);
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    throw invalid(
      `that it is none, cut off or damaged (${(cause as Error).message.replace(/\.$/, '')})`,
      cause,
    );
  }
}
