import { Command, Option } from 'commander';
import type { Context } from './context.js';
import { addConvertCommand } from './convert/command.js';
import { addDataCommand } from './data/command.js';
import { addDetectCommand } from './detect/command.js';
import { addDoctorCommand } from './doctor/command.js';
import { addEvalCommand } from './eval/command.js';
import { addExperimentCommand } from './experiment/command.js';
import { importModules } from './import-modules.js';
import { addPaperCommand } from './paper/command.js';
import { addPlotCommand } from './plot/command.js';
import { addPredictCommand } from './predict/command.js';
import { addQuantizeCommand } from './quantize/command.js';
import { addRecipeCommand } from './recipe/command.js';
import { addResponsesCommand } from './responses/command.js';
import { addSetupGpuCommand } from './setup-gpu/command.js';
import type { Output } from './shared/terminal/io.js';
import { addSummaryCommand } from './summary/command.js';
import { addTrainCommand } from './train/command.js';
import { ownVersion } from './version.js';

const examples = `
Examples:
  $ resnet doctor
  $ resnet train resnet20 --dataset digits
  $ resnet eval --weights resnet20-12fca82f.th --dataset cifar10 --data cifar-10-batches-bin

Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted.
With RESNET_DEBUG=1 an unexpected error shows its stack.`;

/** The command line for commander. A command imports its implementation only when it runs. */
export function createProgram(context: Context): Command {
  const { stdout, stderr } = context.io;
  // Help texts say `resnet`, and are shown with the words by which the user called the program.
  const asCalled = (text: string) =>
    text.replaceAll(/(?<=\$ |&& |[`'])resnet (?=[a-z])/g, `${context.program} `);
  const width = (stream: Output) => stream.columns ?? 100;
  const program = new Command(context.program)
    .description('Deep Residual Learning for Image Recognition: train, test and use residual networks.')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addOption(
      new Option(
        '--import <module>',
        'import a file or a package first, which may register networks and data sets; can be repeated',
      ).argParser((name, before: string[] = []) => [...before, name]),
    )
    .hook('preAction', (program) => importModules(program.opts<{ import?: string[] }>().import ?? []))
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 20 })
    .helpCommand('help [command]', 'show the help of a command')
    .configureOutput({
      writeOut: (text) => stdout.write(asCalled(text)),
      writeErr: (text) => stderr.write(asCalled(text)),
      getOutHelpWidth: () => width(stdout),
      getErrHelpWidth: () => width(stderr),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      // Errors are thrown, and and printed at the end.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText('after', examples);
  addTrainCommand(program, context);
  addRecipeCommand(program, context);
  addPlotCommand(program, context);
  addExperimentCommand(program, context);
  addPaperCommand(program, context);
  addEvalCommand(program, context);
  addPredictCommand(program, context);
  addDetectCommand(program, context);
  addResponsesCommand(program, context);
  addConvertCommand(program, context);
  addQuantizeCommand(program, context);
  addSummaryCommand(program, context);
  addDataCommand(program, context);
  addDoctorCommand(program, context);
  addSetupGpuCommand(program, context);
  return program;
}
