import type { Output } from './io.js';

/** Rows below a header; the first column begins on the left, numbers end below each other. */
export function printTable(
  stream: Output,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  for (const cells of [header, widths.map((width) => '─'.repeat(width)), ...rows]) {
    stream.write(`${line(cells)}\n`);
  }
}
