import { join } from 'node:path';
import { writeWholeFile } from '@resnet/files/node';
import { type ExperimentResult, formatExperiment } from '@resnet/train';
import { formatDuration, formatPercent } from '../format.js';
import { printJson, printRows } from '../print.js';
import { circumstances } from './circumstances.js';
import type { Experiment } from './experiment.js';

export interface Results {
  title: string;
  results: readonly ExperimentResult[];
  /** Of the curves: file name and SVG. */
  picture?: { name: string; svg: string };
  /** What else came out: for `table.md`, for the terminal, and as values. */
  findings?: { paragraphs: string[]; rows: (readonly [name: string, value: string])[]; values: object };
}

/** Writes `table.md`, `results.json` and the picture, and prints what came out. */
export async function reportResults(experiment: Experiment, report: Results): Promise<void> {
  const { folder, recipe, train, test, backend, io, json } = experiment;
  const { title, results, picture, findings } = report;
  const { device } = backend;
  const values = { ...findings?.values, networks: results, ...circumstances(backend) };
  const table = formatExperiment({
    ...{ title, recipe, train, test, device, results },
    ...(picture ? { picture: picture.name } : {}),
    ...(findings ? { findings: findings.paragraphs } : {}),
  });
  const written: string[] = [];
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeWholeFile(path, text);
    written.push(path);
  };
  if (picture) await write(picture.name, picture.svg);
  await write('table.md', table);
  await write('results.json', `${JSON.stringify(values, null, 2)}\n`);

  if (json) {
    printJson(io.stdout, values);
    return;
  }
  io.stdout.write('\n');
  printRows(io.stdout, [
    ...results.map((result) => [result.name, describe(result)] as const),
    ...(findings?.rows ?? []),
    ...written.map((path, index) => [index === 0 ? 'written' : '', path] as const),
  ]);
}

function describe({ trainingError, testError, lowestTestError, seconds }: ExperimentResult): string {
  return [
    `training error ${formatPercent(trainingError)}`,
    `test error ${formatPercent(testError)}`,
    `lowest ${formatPercent(lowestTestError)}`,
    `time ${formatDuration(seconds)}`,
  ].join(', ');
}
