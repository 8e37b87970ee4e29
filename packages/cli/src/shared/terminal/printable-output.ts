import { printable } from '@resnet/core';
import type { Output } from './io.js';

/** A stream that escapes control characters, which act on a terminal: all text of this program goes through it. */
export function printableOutput(stream: Output & NodeJS.WritableStream): Output {
  return {
    write: (text) => stream.write(printable(text)),
    get isTTY() {
      return stream.isTTY ?? false;
    },
    get columns() {
      return stream.columns ?? 80;
    },
    raw: stream,
  };
}

/** The same for text that must stay on its line: a line feed in a name could start a line that looks like the program's. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
