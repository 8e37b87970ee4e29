import { isDeepStrictEqual } from 'node:util';
import { formatCount, formatPercent } from '@resnet/core';
import type {
  Comparison,
  PaperMean,
  PaperRow,
  PaperTable,
  RowResult,
  RowTest,
  TableResult,
} from '@resnet/experiments';

const labels: Record<Comparison['quantity'], string> = {
  layers: 'layers',
  outputSizes: 'output sizes',
  blocks: 'blocks',
  parameters: 'parameters',
  multiplyAdds: 'multiply-adds',
  top1Error: 'top-1 error',
  meanTop1Error: 'mean of runs',
  top5Error: 'top-5 error',
};

const header = ['method', '', 'paper', 'here', 'difference'];

/**
 * Tables for people, with columns of the same width in all of them.
 *
 * @param limit how many images of a set were used at most
 */
export function formatTables(results: readonly TableResult[], limit: number | undefined): string {
  const tables = results.map((result) => ({ ...result, lines: result.rows.flatMap(linesOf) }));
  const all = [header, ...tables.flatMap(({ lines }) => lines)];
  const widths = header.map((_, column) => Math.max(...all.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const texts = tables.map(({ table, rows, lines }) => [
    titleOf(table, rows, limit),
    '',
    line(header),
    line(widths.map((width) => '─'.repeat(width))),
    ...lines.map(line),
    ...notesOf(rows),
    '',
  ]);
  return texts.flat().join('\n');
}

function titleOf({ number, title, test }: PaperTable, rows: readonly RowResult[], limit: number | undefined) {
  const counts = rows.flatMap(({ tests }) => tests.map(({ evaluation }) => evaluation?.count));
  const tested = test ? ` (errors: ${test.set}, ${test.view})` : '';
  const part =
    limit !== undefined && counts.includes(limit) ? `; here the first ${formatCount(limit)} images` : '';
  return `Table ${number}. ${title}${tested}${part}`;
}

/** A line for each number. */
function linesOf({ row, comparisons }: RowResult): string[][] {
  return comparisons.map((comparison, index) => [
    index === 0 ? row.method : '',
    labels[comparison.quantity],
    paperText(comparison, row),
    hereText(comparison),
    differenceText(comparison),
  ]);
}

function paperText({ quantity, paper }: Comparison, { decimals = 2 }: PaperRow): string {
  if (paper === undefined) return '';
  if (typeof paper !== 'number') return 'mean' in paper ? meanText(paper) : paper.join(' ');
  switch (quantity) {
    case 'parameters':
      return `${paper / 1e6} M`;
    case 'multiplyAdds':
      return `${paper / 1e9} billion`;
    case 'top1Error':
    case 'top5Error':
      return `${paper.toFixed(decimals)} %`;
    default:
      return formatCount(paper);
  }
}

function hereText({ here, needs, errors, images }: Comparison): string {
  if (here === undefined) return needs === undefined ? '–' : `needs ${needs}`;
  if (errors !== undefined && images !== undefined) {
    return `${formatPercent(errors / images)} (${formatCount(errors)} of ${formatCount(images)})`;
  }
  if (typeof here === 'number') return formatCount(here);
  return 'mean' in here ? meanText(here) : here.join(' ');
}

/** The difference of counts in percent, and of errors in percentage points. */
function differenceText({ quantity, paper, here, difference }: Comparison): string {
  if (quantity === 'outputSizes' || quantity === 'blocks') {
    return isDeepStrictEqual(paper, here) ? 'none' : 'differs';
  }
  if (difference === undefined) return '';
  if (difference === 0) return 'none';
  const signed = (value: number, digits: number) =>
    `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(digits)}`;
  const isError = quantity.endsWith('Error');
  return isError
    ? `${signed(difference, 2)} points`
    : `${signed((100 * difference) / (paper as number), 1)} %`;
}

function meanText({ mean, deviation }: PaperMean): string {
  return `${mean.toFixed(2)} ± ${deviation.toFixed(2)} %`;
}

/** Notes on the rows, and the weights that were tested. */
function notesOf(rows: readonly RowResult[]): string[] {
  const notes = rows.flatMap(({ row, tests }) =>
    [...(row.note === undefined ? [] : [row.note]), ...tests.map(describeTest)].map(
      (note) => `  ${nameOf(row)}: ${note}`,
    ),
  );
  return notes.length === 0 ? [] : ['', ...notes];
}

function nameOf({ method, published: { layers } }: PaperRow): string {
  return layers === undefined || method.includes(String(layers)) ? method : `${method}, ${layers} layers`;
}

function describeTest({ weights, note, evaluation }: RowTest): string {
  const found = evaluation ? `top-1 error ${formatPercent(evaluation.top1Error)}` : undefined;
  return [weights.join(' + '), found, note].filter((text) => text !== undefined).join('; ');
}
