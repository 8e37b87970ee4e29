import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NAPI_VERSION } from './node-package.js';
import { runProgram } from './run-program.js';
import type { Setup } from './setup.js';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/**
 * TensorFlow prints what it logs while it is loaded, whatever TF_CPP_MIN_LOG_LEVEL says: so it is told in the words of the library
 * that it logs with. Linked with `initfirst`, this runs before TensorFlow's own code.
 */
const LOG_LEVEL = `#include <cstdlib>
#include "absl/log/globals.h"
static const bool is_set = [] {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level) absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
  return true;
}();
`;

/** Beside the library that it is linked with. */
export function addonIn(library: string, { npmVersion }: Setup): string {
  return join(library, `tfjs_binding-${npmVersion}.node`);
}

/**
 * Compiles the addon from its source in tfjs's package. Node's interface for addons is stable, so the addon works in every Node.
 *
 * @param source the folder of the package
 * @throws SETUP_FAILED, ABORTED
 */
export async function compileAddon(
  addon: string,
  library: string,
  source: string,
  signal?: AbortSignal,
): Promise<void> {
  const headers = join(
    dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')),
    'include',
  );
  const tensorflow = join(library, 'tensorflow');
  const unfinished = join(library, '.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  try {
    const binding = join(source, 'binding');
    const sources = (await readdir(binding)).filter((name) => name.endsWith('.cc'));
    const [output, logLevel] = [join(unfinished, 'addon'), join(unfinished, 'log-level.cc')];
    await writeFile(logLevel, LOG_LEVEL, { flag: 'wx' });
    const args = [
      ...['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${NAPI_VERSION}`],
      ...[`-I${headers}`, `-I${join(tensorflow, 'include')}`],
      ...[...sources.map((name) => join(binding, name)), logLevel],
      ...LIBRARIES.map((name) => join(tensorflow, name)),
      // Found wherever the folder is moved to.
      ...['-Wl,-rpath,$ORIGIN/tensorflow', '-Wl,-z,initfirst', '-o', output],
    ];
    await runProgram('g++', args, { signal, advice: () => 'Is g++ 9 or later?' });
    await rename(output, addon);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
