import { ResnetError } from '@resnet/core';
import type { Output } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';

/** Broken images that a command leaves out: each is printed once, however often it is met. */
export class BrokenImages {
  readonly #messages = new Map<string, { code: string; message: string }>();

  constructor(private readonly stream: Output) {}

  readonly hear = ({ code, message }: ResnetError): void => {
    if (this.#messages.has(message)) return;
    this.#messages.set(message, { code, message });
    printLine(this.stream, `left out: ${message}`);
  };

  get list(): { code: string; message: string }[] {
    return [...this.#messages.values()];
  }
}

/** The error of an image that is broken or can't be read with advice; others as they are. */
export function namingSkipBroken(error: unknown, advice: string): unknown {
  if (!ResnetError.is(error)) return error;
  // Messages of images that can't be read begin with their names, others of this code with what they are.
  const isUnreadable = error.code === 'FILE_UNREADABLE' && error.message.startsWith("'");
  if (error.code !== 'IMAGE_INVALID' && !isUnreadable) return error;
  return new ResnetError(error.code, `${error.message} ${advice}`, { cause: error });
}
