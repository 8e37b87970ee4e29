import { readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packagesIn } from './library.js';
import { ownLink, packagePaths } from './node-package.js';
import { findModules } from './project-modules.js';
import { SETUPS } from './setup.js';

/** What `resnet setup-gpu` has set up. */
export interface FoundSetup {
  /** The folder of the library. */
  library: string;
  /** Versions of what is in there; null where it is not. */
  tensorflow: string | null;
  cuda: string | null;
  cudnn: string | null;
}

/**
 * What `resnet setup-gpu` has set up where backends of a program look for it.
 *
 * @returns undefined where there is nothing, or npm has installed the package itself
 */
export async function findSetup(program: string): Promise<FoundSetup | undefined> {
  const setup = SETUPS['node-gpu'];
  try {
    const { addon, link } = packagePaths(setup, findModules(dirname(program), program).modules);
    if (!ownLink(link)) return undefined;
    const library = dirname(await readlink(addon));
    const packages = await packagesIn(library);
    const version = (name: string) => packages.get(name) ?? null;
    return {
      library,
      tensorflow: version(setup.wheel),
      cuda: version('nvidia-cuda-runtime-cu12'),
      cudnn: version('nvidia-cudnn-cu12'),
    };
  } catch {
    return undefined;
  }
}
