import { markdownTable } from './markdown-table.js';
import type { Recipe } from './recipe.js';
import type { RunSummary } from './run-summary.js';

/** One run of an experiment. */
export interface ExperimentResult extends RunSummary {
  /** What tells it from the other runs. */
  name: string;
  /** The network's name in the registry. */
  network: string;
  seed: number;
  /** Learned values. */
  parameters: number;
}

export interface ExperimentDescription {
  title: string;
  recipe: Recipe;
  /** Names and sizes of the data. */
  train: { name: string; count: number };
  test: { name: string; count: number };
  device: string;
  results: readonly ExperimentResult[];
  /** File name of the picture of the curves. */
  picture?: string;
  /** What else is worth saying: paragraphs of Markdown, above the table. */
  findings?: readonly string[];
}

/** An experiment's results in Markdown. */
export function formatExperiment(experiment: ExperimentDescription): string {
  const { title, recipe, train, test, device, results, picture, findings = [] } = experiment;
  const seeds = [...new Set(results.map(({ seed }) => seed))];
  const most = Math.max(...results.map(({ trainingRecords }) => trainingRecords));
  const numbers = `${count(recipe.iterations)} iterations of ${recipe.batchSize} images`;
  const seed = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.join(', ')}`;
  const paragraphs = [
    `# ${title}`,
    `Trained on ${train.name} (${count(train.count)} images), tested on ${test.name} (${count(test.count)} images). ` +
      `Recipe ${recipe.name}: ${numbers} for each network, ${seed}. Device: ${device}. ` +
      '`experiment.json` has every number.',
    ...findings,
    ...(picture ? [`![Training error (dashed) and test error (bold) against iterations](${picture})`] : []),
    markdownTable([
      [
        ...['network', 'seed', 'parameters', 'iterations'],
        ...['training error', 'test error', 'lowest test error', 'seconds'],
      ],
      ...results.map((result) => [
        ...[result.name, String(result.seed), count(result.parameters), count(result.iterations)],
        ...[percent(result.trainingError), percent(result.testError), percent(result.lowestTestError)],
        count(Math.round(result.seconds)),
      ]),
    ]).join('\n'),
    `Training error is the mean over the end of a run (records: ${most}), on images as they were trained on. Test error is that of ` +
      'the last test. ' +
      'Seconds are those of the steps, without tests.',
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
