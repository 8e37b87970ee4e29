import { formatCount, formatPercent } from '@resnet/core';
import { markdownTable, type Recipe, type RunSummary } from '@resnet/train';

/** One run of an experiment. */
export interface ExperimentResult extends RunSummary {
  /** Different for each run. */
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
  /** Other results: paragraphs of Markdown, above the table. */
  findings?: readonly string[];
}

/** An experiment's results in Markdown. */
export function formatExperiment(experiment: ExperimentDescription): string {
  const { title, recipe, train, test, device, results, picture, findings = [] } = experiment;
  const seeds = [...new Set(results.map(({ seed }) => seed))];
  const most = Math.max(...results.map(({ trainingRecords }) => trainingRecords));
  const numbers = `${formatCount(recipe.iterations)} iterations of ${recipe.batchSize} images`;
  const seed = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.join(', ')}`;
  const paragraphs = [
    `# ${title}`,
    `Trained on ${train.name} (${formatCount(train.count)} images), tested on ${test.name} (${formatCount(test.count)} images). ` +
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
        ...[result.name, String(result.seed), formatCount(result.parameters), formatCount(result.iterations)],
        ...[
          formatPercent(result.trainingError),
          formatPercent(result.testError),
          formatPercent(result.lowestTestError),
        ],
        formatCount(Math.round(result.seconds)),
      ]),
    ]).join('\n'),
    `Training error is the mean over the end of a run (records: ${most}), on images as they were trained on. Test error is that of ` +
      'the last test. ' +
      'Seconds are those of the steps, without tests.',
  ];
  return `${paragraphs.join('\n\n')}\n`;
}
