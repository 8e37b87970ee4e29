/** A table in Markdown, line by line: the header, then the rows. */
export function markdownTable([header, ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header!), line(header!.map(() => '---')), ...rows.map(line)];
}
