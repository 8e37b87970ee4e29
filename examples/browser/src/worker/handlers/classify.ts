import { decodeImage, type Image } from '@resnet/data';
import { fitImage, shownPart } from '../fit-image.js';
import { infer } from '../infer.js';
import { currentClassifier } from '../session.js';

/** The size of a side of pictures that the page shows, in pixels. */
const SHOWN_SIDE = 256;

export interface Classified {
  /** The image as the network sees it. */
  seen: Image;
  /** The same part of the picture, for people. */
  shown: Image;
  /** Of each class. */
  logits: Float32Array;
  probabilities: Float32Array;
}

/** Tells what an image file shows: JPEG, PNG, GIF or WebP. */
export async function classify({ name, bytes }: { name: string; bytes: ArrayBuffer }): Promise<Classified> {
  const { classifier, model, normalization } = currentClassifier();
  const picture = await decodeImage(new Uint8Array(bytes), name);
  const seen = fitImage(picture, model);
  const { logits } = await infer(classifier, seen, normalization);
  return { seen, shown: shownPart(picture, model, SHOWN_SIDE), logits, probabilities: softmax(logits) };
}

function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = logits.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
