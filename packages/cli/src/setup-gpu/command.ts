import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { addOptions } from '../shared/options/shared-options.js';
import { SETUPS } from './setup.js';

const examples = `
Examples:
  $ resnet setup-gpu
  $ resnet setup-gpu --check
  $ resnet setup-gpu --cpu

Downloads ${SETUPS['node-gpu'].downloadBytes / 1e9} GB from npm and PyPI, and takes python3 with pip, npm and g++. The driver has to be there already.
The library is kept in RESNET_CACHE, or in ~/.cache/resnet, for all projects. npm removes tfjs's package from the project
when it installs another one: the same command puts it back within seconds. It does only what is missing.`;

export function addSetupGpuCommand(program: Command, context: Context): void {
  const command = program
    .command('setup-gpu')
    .description('Set up the backend node-gpu: TensorFlow with its CUDA and cuDNN, for Linux on x64.');
  addOptions(
    command,
    new Option('--cpu', 'set up the backend node instead: TensorFlow on the processor'),
    new Option('--check', 'only check what is set up'),
  )
    .addHelpText('after', examples)
    .action(async (options: { cpu?: boolean; check?: boolean }) => {
      const { setupGpu } = await import('./setup-gpu.js');
      await setupGpu(options, context);
    });
}
