import { join } from 'node:path';
import { defined } from '@resnet/core';
import { writeWholeFile } from '@resnet/files/node';
import type { ExperimentOptions, ExperimentOutcome } from './experiment.js';
import { type ExperimentResult, formatExperiment } from './report.js';

/** The results of a finished experiment. */
export interface Results {
  title: string;
  results: readonly ExperimentResult[];
  /** Of the curves: file name and SVG. */
  picture?: { name: string; svg: string };
  /** Other results: paragraphs for `table.md`, and values for `results.json`. */
  findings?: { paragraphs: string[]; values: object };
}

/** Writes the picture, `table.md` and `results.json`. @throws FILE_UNWRITABLE */
export async function writeResults(options: ExperimentOptions, report: Results): Promise<ExperimentOutcome> {
  const { folder, recipe, train, test, environment } = options;
  const { title, results, picture, findings } = report;
  const values = { ...findings?.values, networks: results, ...environment };
  const table = formatExperiment({
    ...{ title, recipe, train, test, device: environment.device, results },
    ...defined({ picture: picture?.name, findings: findings?.paragraphs }),
  });
  const files: string[] = [];
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeWholeFile(path, text);
    files.push(path);
  };
  if (picture) await write(picture.name, picture.svg);
  await write('table.md', table);
  await write('results.json', `${JSON.stringify(values, null, 2)}\n`);
  return { results, values, files };
}
