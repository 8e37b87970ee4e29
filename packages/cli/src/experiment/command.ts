import type { Command } from 'commander';
import type { Context } from '../context.js';
import { integer, integers } from '../shared/options/parse-values.js';
import { addOptions, parsed, requireOptions } from '../shared/options/shared-options.js';
import type { construction, degradation, repeat } from './experiment.js';

const goingOn = `
The folder gets a run for each network, experiment.json with every number, table.md and results.json. Ctrl-C saves; the
same command goes on, and does not train again what is trained.`;

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
  addDegradation(experiment, context);
  addConstruction(experiment, context);
  addRepeat(experiment, context);
}

function addDegradation(experiment: Command, context: Context): void {
  const command = experiment
    .command('degradation')
    .description('Plain and residual networks of some depths, drawn side by side as Figure 6 (Section 4.2).')
    .addOption(parsed('--depths <a,b>', 'of both kinds, 6n + 2 each', integers).default([20, 56], '20,56'));
  addOptions(addSettings(command), 'seed')
    .addHelpText('after', degradationExamples)
    .action(async (options: Parameters<typeof degradation>[0]) => {
      requireOptions(command, 'dataset', 'out');
      const { degradation } = await import('./experiment.js');
      await degradation(options, context);
    });
}

function addConstruction(experiment: Command, context: Context): void {
  const command = experiment
    .command('construction')
    .description(
      'A trained shallow network, made deeper by identities and trained on; and one as deep from scratch (Section 1).',
    )
    .option('--shallow <network>', 'the network to begin with', 'plain20')
    .addOption(parsed('--depth <count>', 'of the deeper networks', integer(1)).default(56));
  addOptions(addSettings(command), 'seed')
    .addHelpText('after', constructionExamples)
    .action(async (options: Parameters<typeof construction>[0]) => {
      requireOptions(command, 'dataset', 'out');
      const { construction } = await import('./experiment.js');
      await construction(options, context);
    });
}

function addRepeat(experiment: Command, context: Context): void {
  const command = experiment
    .command('repeat')
    .description('One network several times, with seeds from 0; best (mean±deviation) as in Table 6.')
    .argument('<network>', 'such as resnet110')
    .addOption(parsed('--runs <count>', 'how many times', integer(2)).default(5));
  addSettings(command)
    .addHelpText('after', repeatExamples)
    .action(async (network: string, options: Parameters<typeof repeat>[1]) => {
      requireOptions(command, 'dataset', 'out');
      const { repeat } = await import('./experiment.js');
      await repeat(network, options, context);
    });
}

/** What all experiments take. */
function addSettings(command: Command): Command {
  command
    .option('--dataset <name>', 'cifar10, cifar100 or digits (required)')
    .option('--data <path>', 'CIFAR, binary or Python version: the .tar.gz, or the folder with its files')
    .option('--out <folder>', 'where everything of the experiment is kept (required)')
    .option('--recipe <name>', 'how each network is trained (default: the recipe of the data set)');
  return addOptions(command, 'schedule', 'backend', 'json');
}
