import { isNewlyFailing, isNewlyPassing, type Pair } from './compare.js';

/** How many tests passed and failed, by file where any fails, and why some fail in both runs. */
export function summary(title: string, pairs: Pair[]): string {
  const files = [...groups(pairs, fileOf)];
  const rows = files
    .filter(([, pairs]) => pairs.some(failsAnywhere))
    .map(([file, pairs]) => row(file, counts(pairs)));
  const reasons = [...groups(pairs.filter(failsInBoth), reasonOf)]
    .sort(([, first], [, second]) => second.length - first.length)
    .map(([reason, { length }]) => `${String(length).padStart(4)}  ${reason}`);
  return [
    title,
    row('', ['', 'without us', '', 'with us', 'newly', 'newly']),
    row('file', ['passed', 'failed', 'passed', 'failed', 'passed', 'failed']),
    ...rows,
    row(`all ${files.length} files`, counts(pairs)),
    '',
    'Why tests fail both without us and with us:',
    ...reasons,
  ].join('\n');
}

function counts(pairs: Pair[]): number[] {
  const count = (test: (pair: Pair) => boolean) => pairs.filter(test).length;
  return [
    count(({ stock }) => stock?.status === 'passed'),
    count(({ stock }) => stock?.status === 'failed'),
    count(({ ours }) => ours?.status === 'passed'),
    count(({ ours }) => ours?.status === 'failed'),
    count(isNewlyPassing),
    count(isNewlyFailing),
  ];
}

function groups<T>(entries: T[], nameOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const name = nameOf(entry);
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return groups;
}

function fileOf({ stock, ours }: Pair): string {
  return (stock ?? ours)!.file;
}

function failsAnywhere({ stock, ours }: Pair): boolean {
  return stock?.status === 'failed' || ours?.status === 'failed';
}

function failsInBoth({ stock, ours }: Pair): boolean {
  return stock?.status === 'failed' && ours?.status === 'failed';
}

function reasonOf({ ours }: Pair): string {
  return ours!.message.split('\n')[0]!.slice(0, 100);
}

function row(file: string, cells: (string | number)[]): string {
  return file.padEnd(38) + cells.map((cell) => String(cell).padStart(11)).join('');
}
