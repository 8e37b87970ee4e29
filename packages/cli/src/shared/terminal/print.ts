import type { Output } from './io.js';
import { oneLine } from './printable-output.js';

/** A line, whatever strangers' names are in it. */
export function printLine(stream: Output, text: string): void {
  stream.write(`${oneLine(text)}\n`);
}

export function printJson(stream: Output, value: unknown): void {
  stream.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Rows of a name and a value, the values below each other; a row without a name goes on with the one above. */
export function printRows(stream: Output, rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  for (const [name, value] of rows) printLine(stream, `${name.padEnd(width)}${value}`);
}
