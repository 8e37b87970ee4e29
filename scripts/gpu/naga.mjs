// Has naga, the WGSL compiler of Firefox, check the shaders of tests: see --help.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environmentOf, folder, unpackMesa } from './mesa.mjs';

const HELP = `Usage: node scripts/gpu/naga.mjs [ARGUMENTS OF software.mjs]

Runs the tests of the WebGPU kernels on lavapipe, or those of \`software.mjs ARGUMENTS\`, and has naga, the WGSL compiler of Firefox, check
every shader that they compiled. Takes python3 with venv, which gets PyPI's wgpu in .gpu-compiler/, and what lavapipe takes.`;

const KERNELS = [
  'lavapipe',
  'packages/backend/src/conformance',
  'packages/backend/src/backends/webgpu-kernels',
];

const here = dirname(fileURLToPath(import.meta.url));
const parameters = process.argv.slice(2);
if (parameters.includes('--help')) console.log(HELP);
else check(parameters.length > 0 ? parameters : KERNELS);

function check(tests) {
  unpackMesa();
  const shaders = join(folder, 'wgsl');
  rmSync(shaders, { recursive: true, force: true });
  mkdirSync(shaders, { recursive: true });
  const recorder = pathToFileURL(join(here, 'record-shaders.mjs'));
  const env = { ...process.env, RESNET_SHADERS: shaders, NODE_OPTIONS: `--import ${recorder}` };
  run(process.execPath, [join(here, 'software.mjs'), ...tests], env);
  const python = join(folder, 'naga/bin/python');
  if (!existsSync(python)) {
    run('python3', ['-m', 'venv', join(folder, 'naga')]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'wgpu']);
  }
  run(python, [join(here, 'naga.py'), shaders], environmentOf('lvp'));
}

function run(command, parameters, env = process.env) {
  const { status, error } = spawnSync(command, parameters, { env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exitCode = 1;
}
