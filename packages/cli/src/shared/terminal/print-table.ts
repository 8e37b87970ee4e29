import type { Output } from './io.js';
import { oneLine } from './printable-output.js';

/** Rows below a header; the first column is aligned left, the others right. */
export function printTable(
  stream: Output,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const cells = [header, ...rows.map((row) => row.map(oneLine))];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  const [, ...body] = cells;
  for (const row of [header, widths.map((width) => '─'.repeat(width)), ...body]) {
    stream.write(`${line(row)}\n`);
  }
}
