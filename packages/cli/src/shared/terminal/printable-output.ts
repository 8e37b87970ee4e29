import { printable } from '@resnet/core';
import type { Output } from './io.js';

/** A stream on which nothing that strangers wrote acts on a terminal: all text of this program goes through here. */
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

/** The same for what must stay on its line: a stranger's line feed would begin one that looks like the program's own. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
