// Runs tests on WebGPU by a GPU in software: see --help.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf, folder, unpackMesa } from './mesa.mjs';
import { reportValidation, withValidation } from './validation.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const chromium = '/usr/lib/chromium';

/** What of this repository computes on a GPU, without tests of what does not depend on it, and without whole trainings. */
const SUITES = [
  'backend/src/conformance',
  'backend/src/backends/webgpu',
  'blocks/src/blocks',
  'blocks/src/read-parameters',
  'eval/src/explain',
  'eval/src/views',
  'integration/src/numbers/every-backend',
  'integration/src/numbers/pytorch',
  'train/src/fit/fit-task',
  'train/src/fit/lost-gpu',
  'train/src/fit/recompute',
  'train/src/fit/reestimate-statistics',
  'train/src/fit/training-step',
  'train/src/fit/upload-ahead',
  'train/src/optimizer',
  'zoo/src/inference/run-layers',
  'zoo/src/networks/fine-tuning',
].map((path) => `packages/${path}`);

const HELP = `Usage: node scripts/gpu/software.mjs lavapipe|swiftshader [--validate] [FILE ...] [OPTIONS OF VITEST]

Runs all suites that compute on a GPU, or those whose path has FILE in it, on WebGPU by a GPU in software: Mesa's lavapipe, which takes
root on Debian and is unpacked into .gpu-compiler/, or the SwiftShader of Debian's Chromium.

  --validate  with Khronos' validation layer and its checks of synchronization, and with new buffers that are not zero; fails if the
              layer finds anything. Takes root on Debian, too`;

const GPUS = { lavapipe, swiftshader };

const [gpu, ...given] = process.argv.slice(2);
const parameters = given.filter((parameter) => parameter !== '--validate');
const isValidated = parameters.length < given.length;
const environment = GPUS[gpu];
if (!environment) {
  console.log(HELP);
  process.exitCode = gpu === '--help' ? 0 : 2;
} else {
  const files = parameters.some((parameter) => !parameter.startsWith('-')) ? [] : SUITES;
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  // Named, a backend that doesn't start is a failure.
  const named = { ...environment(), RESNET_BACKENDS: 'webgpu' };
  const env = isValidated ? withValidation(named) : named;
  // A deep network, compiled and computed by a processor that does other things too, takes minutes.
  const options = ['--testTimeout=600000', ...parameters];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...files, ...options], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
  if (isValidated && !reportValidation()) process.exitCode = 1;
}

function lavapipe() {
  unpackMesa();
  return {
    ...environmentOf('lvp'),
    // Nearly all of the time goes into compiling. So it is not optimized, for vectors of 128 bits, and kept.
    GALLIVM_PERF: 'nopt',
    LP_NATIVE_VECTOR_WIDTH: '128',
    MESA_SHADER_CACHE_DIR: join(folder, 'shaders'),
  };
}

function swiftshader() {
  const driver = join(chromium, 'vk_swiftshader_icd.json');
  if (!existsSync(driver)) throw new Error(`There is no ${driver}: install Debian's chromium.`);
  return { ...process.env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: chromium };
}
