import { formatCount } from '@resnet/core';
import { SingleBar } from 'cli-progress';
import type { Output } from '../terminal/io.js';
import { oneLine } from '../terminal/printable-output.js';

export interface Bar {
  /** @param text what to show after the numbers */
  update(value: number, text: string): void;
  /** Leaves the bar as it is. May be called more than once. */
  stop(): void;
}

/** A progress bar, where the stream is a terminal; nothing where it is not. */
export function startBar(stream: Output, total: number, value = 0): Bar {
  const columns = stream.columns ?? 80;
  // The text after the bar has up to 75 columns.
  const barsize = Math.max(4, Math.min(40, columns - 78));
  const bar = new SingleBar({
    stream: stream.raw ?? (stream as NodeJS.WritableStream),
    format: '[{bar}] {count} {text}',
    barsize,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    // Cut off instead of turning wrapping off, which would have to be undone on every way out.
    linewrap: true,
  });
  const count = (done: number) => `${formatCount(done)}/${formatCount(total)}`;
  bar.start(total, value, { count: count(value), text: '' });
  return {
    update: (value, text) => bar.update(value, { count: count(value), text: oneLine(text) }),
    stop: () => bar.stop(),
  };
}
