import os from 'node:os';

/** A cell: text, a number with so many digits behind the point, or nothing, where there is none. */
export function cell(value: number | undefined, digits = 0, unit = ''): string {
  return value === undefined ? '–' : `${value.toFixed(digits)}${unit}`;
}

/** How many times as fast `milliseconds` is as `others`. */
export function speedup(others: number | undefined, milliseconds: number | undefined): string {
  return cell(others === undefined || milliseconds === undefined ? undefined : others / milliseconds, 2);
}

/** Prints a table in Markdown. */
export function printTable(header: string[], rows: string[][]): void {
  for (const cells of [header, header.map(() => '---'), ...rows]) console.log(`| ${cells.join(' | ')} |`);
}

/** Where the figures come from. */
export function machine(): string {
  const { length, 0: first } = os.cpus();
  return `Node ${process.version}, ${first?.model.trim() ?? os.arch()}, ${length} cores.`;
}
