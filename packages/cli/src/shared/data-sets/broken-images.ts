import { ResnetError } from '@resnet/core';
import type { Output } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';

/** Broken images that a command leaves out. Each is printed once, even if it is reported in every epoch. */
export class BrokenImages {
  readonly #messages = new Map<string, { code: string; message: string }>();

  constructor(private readonly stream: Output) {}

  readonly report = ({ code, message }: ResnetError): void => {
    if (this.#messages.has(message)) return;
    this.#messages.set(message, { code, message });
    printLine(this.stream, `left out: ${message}`);
  };

  get list(): { code: string; message: string }[] {
    return [...this.#messages.values()];
  }
}

/** Adds advice to the error of an image that is broken or can't be read; others stay as they are. */
export function namingSkipBroken(error: unknown, advice: string): unknown {
  if (!ResnetError.is(error)) return error;
  // Messages of images that can't be read begin with a name in quotes, others of this code do not.
  const isUnreadable = error.code === 'FILE_UNREADABLE' && error.message.startsWith("'");
  if (error.code !== 'IMAGE_INVALID' && !isUnreadable) return error;
  return new ResnetError(error.code, `${error.message} ${advice}`, { cause: error });
}
