import { defined, formatCount, ResnetError } from '@resnet/core';
import { formatEvaluationFile, mergeEvaluations } from '@resnet/eval';
import { writeWholeFile } from '@resnet/files/node';
import type { Context } from '../context.js';
import { inOrder } from '../shared/options/in-order.js';
import { checkOutput, type OutputOptions, replacing } from '../shared/output-files/output-file.js';
import { printJson, printRows } from '../shared/terminal/print.js';
import { evaluationJson, evaluationRows } from './evaluation-rows.js';
import { differencesOf } from './evaluation-subject.js';
import { readEvaluationFile } from './read-evaluation-file.js';

export interface MergeOptions extends OutputOptions {
  out?: string;
  json?: boolean;
}

/** Adds up evaluations of parts of a set, such as other processes or machines made. */
export async function mergeFiles(
  paths: readonly string[],
  options: MergeOptions,
  { io }: Context,
): Promise<void> {
  const { out, json } = options;
  await checkOutput(out, options);
  const files = await inOrder(paths, readEvaluationFile);
  const [first] = files;
  const { subject, total, classNames } = first!;
  for (const [index, file] of files.entries()) {
    const differences = differencesOf(first!, file, [`in ${paths[0]}`, `in ${paths[index]}`]);
    if (differences.length === 0) continue;
    throw new ResnetError(
      'OPTION_INVALID',
      `These evaluations are not of the same:\n${differences.join('\n')}`,
    );
  }
  const evaluation = mergeEvaluations(files.map((file) => file.evaluation));
  const { ranges, count } = evaluation;
  if (out !== undefined) {
    const text = formatEvaluationFile({ subject, total, classNames, evaluation });
    await writeWholeFile(out, text, replacing(options, io));
  }
  const missing = missingOf(ranges, total);
  if (json) {
    printJson(io.stdout, {
      subject,
      total,
      missing,
      ...evaluationJson(evaluation),
      ...defined({ written: out && [out] }),
    });
    return;
  }
  const part = count === total ? '' : ` of ${formatCount(total)}`;
  printRows(io.stdout, [
    ...Object.entries(subject),
    ['merged', `${formatCount(files.length)} files, ${formatCount(count)}${part} images`],
    ['missing', missing.map(([from, to]) => `images ${from} to ${to - 1}`).join(', ') || undefined],
  ]);
  io.stdout.write('\n');
  printRows(io.stdout, [...evaluationRows(evaluation), ['written', out]]);
}

/** The ranges [first, end) of a set that none of the given ones covers. */
function missingOf(ranges: readonly (readonly [number, number])[], total: number): [number, number][] {
  const edges: (readonly [number, number])[] = [[0, 0], ...ranges, [total, total]];
  return edges
    .slice(1)
    .map(([first], index): [number, number] => [edges[index]![1], first])
    .filter(([first, end]) => first < end);
}
