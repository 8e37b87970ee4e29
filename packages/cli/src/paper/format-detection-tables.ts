import type { DetectionTable } from '@resnet/experiments';

const HERE = { some: 'needs weights and data', none: '–' };

/** Tables of detection for people: a line for each number, and below how it would be had here. */
export function formatDetectionTables(tables: readonly DetectionTable[]): string {
  return tables.flatMap(linesOf).join('\n');
}

function linesOf({ number, title, columns, rows }: DetectionTable): string[] {
  const header = ['method', '', 'paper', 'here'];
  const cells = rows.flatMap(({ method, values, command }) => {
    const known = values.flatMap((value, column) => (value === undefined ? [] : [{ value, column }]));
    return known.map(({ value, column }, index) => [
      index === 0 ? method : '',
      columns[column]!,
      `${value.toFixed(1)} %`,
      command === undefined ? HERE.none : HERE.some,
    ]);
  });
  const widths = header.map((_, column) => Math.max(...[header, ...cells].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [
    ...[`Table ${number}. ${title}`, '', line(header), line(widths.map((width) => '─'.repeat(width)))],
    ...[...cells.map(line), ''],
    ...rows.flatMap(({ method, command }) => (command === undefined ? [] : [`  ${method}: ${command}`])),
    '',
  ];
}
