import type { Output } from './io.js';
import { oneLine } from './printable-output.js';

/** A line; control characters and line feeds in it, as names of strangers may have, are escaped. */
export function printLine(stream: Output, text: string): void {
  stream.write(`${oneLine(text)}\n`);
}

export function printJson(stream: Output, value: unknown): void {
  stream.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** A name and what it has: nothing, a text, or several, each on a line. */
export type Row = readonly [name: string, value: string | readonly string[] | undefined];

/** Rows of a name and a value, the values below each other. A row without a value is left out; one without a name continues the last. */
export function printRows(stream: Output, rows: readonly Row[]): void {
  const lines = rows.flatMap(([name, value = []]) =>
    [value].flat().map((text, index) => [index === 0 ? name : '', text] as const),
  );
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  for (const [name, text] of lines) printLine(stream, `${name.padEnd(width)}${text}`);
}
