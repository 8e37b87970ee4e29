// Preloaded by `software.mjs --validate` into each process: gives the validation layer a log of its own, and has Dawn fill new buffers
// with numbers other than zero, which shows who reads what nobody has written.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { RESNET_VALIDATION: logs } = process.env;
const settings = join(logs, `${process.pid}.txt`);
const lines = [
  'enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT',
  // Debian's layer is older than Dawn's shaders.
  'disables = VK_VALIDATION_FEATURE_DISABLE_SHADERS_EXT',
  'debug_action = VK_DBG_LAYER_ACTION_LOG_MSG',
  'report_flags = error,warn,info',
  `log_filename = ${join(logs, `${process.pid}.log`)}`,
];
writeFileSync(settings, lines.map((line) => `khronos_validation.${line}\n`).join(''));
process.env.VK_LAYER_SETTINGS_PATH = settings;

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('webgpu')), 'dist', `${process.platform}-${process.arch}`);
// The npm package takes `create` from here when it is imported.
const dawn = require(join(folder, 'dawn.node'));
const { create } = dawn;
dawn.create = (options = []) =>
  create([...options, 'enable-dawn-features=nonzero_clear_resources_on_creation_for_testing']);
