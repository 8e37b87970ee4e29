import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { ResnetError } from '@resnet/core';
import { ownProgram } from '../own-program.js';

/** Where a project's backends are, and what they load. */
export interface ProjectModules {
  /** The folder `node_modules` with the tfjs-core that the backends share. */
  modules: string;
  /** The folder of `@resnet/backend`. */
  backend: string;
}

/**
 * Those of the project that a folder belongs to; where it has none, those of this program, as it is installed globally or fetched
 * by npx.
 *
 * @throws SETUP_IMPOSSIBLE if there is no folder node_modules, as with Yarn's Plug'n'Play
 */
export function findModules(folder = process.cwd(), program = ownProgram): ProjectModules {
  for (const start of [folder, dirname(program)]) {
    const backend = findPackage('@resnet/backend', start);
    const core = backend && findPackage('@tensorflow/tfjs-core', realpathSync(backend));
    if (core !== undefined) return { modules: dirname(dirname(core)), backend };
  }
  const message =
    'Expected @resnet/backend with @tensorflow/tfjs-core in a folder node_modules, found none. ' +
    'Run `npm install @resnet/cli` first; with Yarn, set nodeLinker: node-modules in .yarnrc.yml.';
  throw new ResnetError('SETUP_IMPOSSIBLE', message);
}

/** The folder of a package, as Node would find it from another one; it may be a link. */
function findPackage(name: string, from: string): string {
  const folders = createRequire(resolve(from, 'index.js')).resolve.paths(name) ?? [];
  return folders.map((modules) => join(modules, name)).find((path) => existsSync(path))!;
}
