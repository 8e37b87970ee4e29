import type { Command } from 'commander';
import type { Context } from '../context.js';
import { integer, percentage } from '../shared/options/parse-values.js';
import { addOptions, parsed } from '../shared/options/shared-options.js';
import type { PlotOptions } from './plot.js';

const examples = `
Examples:
  $ resnet plot runs/resnet20-cifar10
  $ resnet plot runs/plain20-cifar10 runs/plain56-cifar10 --max-error 20 --out plain.svg
  $ resnet plot runs/resnet*-cifar10 --title 'Residual networks on CIFAR-10' --max-error 20 --out residual.png
  $ resnet plot runs/plain20-cifar10 runs/resnet20-cifar10 --watch

A run is a folder that 'resnet train' or 'resnet detect train' writes; it may still be running. Training error is dashed, test error
bold. Of detectors, the mAP of their tests is drawn.`;

export function addPlotCommand(program: Command, context: Context): void {
  const command = program
    .command('plot')
    .description("Draw training and test error of runs against iterations, as the paper's Figure 6.")
    .argument('<run...>', 'folders of runs, at most 10')
    .option('--out <file>', 'the picture: .svg or .png', 'curves.svg')
    .option('--title <text>', "above the picture (default: 'Training and test error')")
    .addOption(
      parsed(
        '--smooth <count>',
        'train records that are averaged to one point (default: as many as leave 200 points)',
        integer(1),
      ),
    )
    .addOption(
      parsed(
        '--max-error <percent>',
        'where the axis ends; the paper has 20 (default: all points are shown)',
        percentage,
      ),
    )
    .option(
      '--watch',
      'show the picture on a page of this machine and redraw it while the runs go on, until Ctrl-C',
    )
    .addOption(parsed('--port <number>', "of --watch's page (default: any that is free)", integer(1)));
  addOptions(command, 'force', 'json')
    .addHelpText('after', examples)
    .action(async (folders: string[], options: PlotOptions) => {
      const { plot } = await import('./plot.js');
      await plot(folders, options, context);
    });
}
