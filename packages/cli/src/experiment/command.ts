import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { integer, integers } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions } from '../shared/options/shared-options.js';
import type { ExperimentKind } from './experiment.js';

const goingOn = `
The folder gets a run for each network, experiment.json with every number, table.md and results.json. Ctrl-C saves; the
same command resumes, and does not train again what is trained.`;

const examples = `
Examples:
  $ resnet experiment degradation --dataset cifar10 --data cifar --out degradation
  $ resnet experiment construction --dataset cifar10 --data cifar --out construction
  $ resnet experiment repeat resnet20 --dataset digits --out repeat --json
${goingOn}`;

const degradationExamples = `
Examples:
  $ resnet experiment degradation --dataset cifar10 --data cifar --out degradation
  $ resnet experiment degradation --dataset digits --depths 20,32 --iterations 200 --milestones 150 --out short
${goingOn}`;

const constructionExamples = `
Examples:
  $ resnet experiment construction --dataset cifar10 --data cifar --out construction
  $ resnet experiment construction --dataset digits --shallow plain20 --depth 32 --out short
${goingOn}`;

const repeatExamples = `
Examples:
  $ resnet experiment repeat resnet110 --dataset cifar10 --data cifar --recipe cifar10-paper-110 --out repeat
  $ resnet experiment repeat resnet20 --dataset digits --runs 3 --iterations 100 --milestones 60,90 --out short
${goingOn}`;

export function addExperimentCommand(program: Command, context: Context): void {
  const experiment = program
    .command('experiment')
    .description('Do an experiment of the paper: train several networks alike, and compare them.')
    .addHelpText('after', examples);
  addOptions(
    addKind(experiment, 'degradation', degradationExamples, context).description(
      'Plain and residual networks of some depths, drawn side by side as Figure 6 (Section 4.2).',
    ),
    parsed('--depths <a,b>', 'of both kinds, 6n + 2 each', integers).default([20, 56], '20,56'),
    'seed',
  );
  addOptions(
    addKind(experiment, 'construction', constructionExamples, context).description(
      'A trained shallow network, made deeper by identities and trained on; and one as deep from scratch (Section 1).',
    ),
    new Option('--shallow <network>', 'the network to begin with').default('plain20'),
    parsed('--depth <count>', 'of the deeper networks', integer(1)).default(56),
    'seed',
  );
  addOptions(
    addKind(experiment, 'repeat', repeatExamples, context)
      .description('One network several times, with seeds from 0; best (mean±deviation) as in Table 6.')
      .argument('<network>', 'such as resnet110'),
    parsed('--runs <count>', 'how many times', integer(2)).default(5),
  );
}

/** A kind of experiment, with the options that all have. */
function addKind(experiment: Command, kind: ExperimentKind, examples: string, context: Context): Command {
  const command = experiment.command(kind);
  return addOptions(
    command,
    new Option('--dataset <name>', 'cifar10, cifar100 or digits (required)'),
    new Option('--data <path>', 'CIFAR, binary or Python version: the .tar.gz, or the folder with its files'),
    new Option('--out <folder>', 'where everything of the experiment is kept (required)'),
    new Option('--recipe <name>', 'how each network is trained (default: the recipe of the data set)'),
    'schedule',
    'backend',
    'json',
  )
    .addHelpText('after', examples)
    .action(async () => {
      requireOptions(command, 'dataset', 'out');
      const { doExperiment } = await import('./experiment.js');
      await doExperiment(kind, { ...command.opts(), network: command.args[0]! }, context);
    });
}
