import type { Command } from 'commander';
import type { Context } from '../context.js';
import { addOptions } from '../shared/options/shared-options.js';

const examples = `
Examples:
  $ resnet doctor
  $ resnet doctor --json

The exit code is 1 if no backend works.`;

export function addDoctorCommand(program: Command, context: Context): void {
  const command = program
    .command('doctor')
    .description('Show what works on this machine, and what to do about the rest.');
  addOptions(command, 'json')
    .addHelpText('after', examples)
    .action(async (options: { json?: boolean }) => {
      const { doctor } = await import('./doctor.js');
      await doctor(options, context);
    });
}
