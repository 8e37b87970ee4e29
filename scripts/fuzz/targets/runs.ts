import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvaluationFile } from '../../../packages/cli/src/eval/read-evaluation-file.js';
import { readRun } from '../../../packages/cli/src/plot/read-run.js';
import { changedRecipe, namedRecipe } from '../../../packages/cli/src/shared/recipes/chosen-recipe.js';
import { Random } from '../../../packages/core/src/index.js';
import { formatEvaluationFile } from '../../../packages/eval/src/index.js';
import { Tally } from '../../../packages/eval/src/metrics/tally.js';
import { openExperiment } from '../../../packages/experiments/src/experiment/experiment-folder.js';
import { readCheckpoint, writeCheckpoint } from '../../../packages/train/src/checkpoint/checkpoint-store.js';
import { recipe, recipes } from '../../../packages/train/src/recipe/recipe.js';
import { runSettings } from '../../../packages/train/src/run/run-settings.js';
import { bytesOf, fileWriter, json, type Target } from './target.js';

export async function runs(folder: string): Promise<Target[]> {
  return [
    await checkpoint(folder),
    await metrics(folder),
    await evaluation(folder),
    await recipeFile(folder),
    await experiment(folder),
  ];
}

async function checkpoint(folder: string): Promise<Target> {
  const data = { name: 'x', count: 40, classes: ['a', 'b'] };
  const normalization = { mean: Float32Array.of(0.5), std: Float32Array.of(0.25) };
  const settings = runSettings({
    architecture: { name: 'resnet20', classes: 2, inChannels: 1 },
    recipe: recipe('digits'),
    ...{ train: data, test: data, normalization },
  });
  const state = () => new Map([['fc.weight', { shape: [4], data: new Float32Array(4) }]]);
  const checkpoints = join(folder, 'checkpoints');
  await writeCheckpoint(
    checkpoints,
    {
      ...{
        iteration: 7,
        schedule: {} as never,
        learningRate: 0.1,
        best: null,
        testsSinceBest: 0,
        testDue: true,
      },
      window: { steps: 0, images: 0, errors: 0, loss: 1, data: 0, forward: 0, backward: 0, update: 0 },
      ...{ network: state(), optimizer: state() },
    },
    settings,
  );
  const statePath = join(checkpoints, '00000007', 'state.json');
  return {
    name: 'state.json',
    bases: [new Uint8Array(await readFile(statePath))],
    isText: true,
    async parse(bytes) {
      await writeFile(statePath, bytes);
      await readCheckpoint(checkpoints, settings);
    },
  };
}

async function metrics(folder: string): Promise<Target> {
  const log = Array.from({ length: 9 }, (_, at) =>
    JSON.stringify({
      kind: at % 3 === 2 ? 'test' : 'train',
      iteration: 10 * at,
      error: 0.5,
      loss: 1,
      epoch: at,
      count: 9,
    }),
  ).join('\n');
  const write = await fileWriter(join(folder, 'run'), 'metrics.jsonl');
  return {
    name: 'metrics.jsonl',
    bases: [bytesOf(`${log}\n`)],
    isText: true,
    async parse(bytes) {
      await write(bytes);
      await readRun(join(folder, 'run'));
    },
  };
}

async function evaluation(folder: string): Promise<Target> {
  const tally = new Tally(3, 3);
  const random = new Random(2);
  for (let image = 0; image < 20; image++) {
    tally.add(
      { scores: Float32Array.from({ length: 3 }, () => random.uniform()), kind: 'logits' },
      random.int(3),
      [random.int(3)],
    );
  }
  const text = formatEvaluationFile({
    subject: { network: 'x' },
    total: 30,
    classNames: ['a', 'b', 'c'],
    evaluation: tally.result(2),
  });
  const write = await fileWriter(folder, 'evaluation.json');
  return {
    name: 'evaluation',
    bases: [bytesOf(text)],
    isText: true,
    parse: async (bytes) => readEvaluationFile(await write(bytes)),
  };
}

async function recipeFile(folder: string): Promise<Target> {
  const write = await fileWriter(folder, 'recipe.json');
  return {
    name: 'recipe',
    bases: Object.values(recipes).map(json),
    isText: true,
    async parse(bytes) {
      const path = await write(bytes);
      changedRecipe((await namedRecipe({ recipe: path }))!, { epochs: 2 }, 100);
    },
  };
}

async function experiment(folder: string): Promise<Target> {
  const write = await fileWriter(join(folder, 'experiment'), 'experiment.json');
  const numbers = { experiment: 'x', recipe: recipe('digits'), seeds: [1, 2] };
  return {
    name: 'experiment.json',
    bases: [json({ ...numbers, circumstances: { node: '24' } })],
    isText: true,
    async parse(bytes) {
      await write(bytes);
      await openExperiment(join(folder, 'experiment'), numbers, {});
    },
  };
}
