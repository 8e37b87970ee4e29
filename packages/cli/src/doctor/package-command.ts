import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * How to install packages, or to build them again, so that this program finds them.
 *
 * @param program where this program is
 */
export function packageCommand(
  verb: 'install' | 'rebuild',
  packages: string,
  program = fileURLToPath(import.meta.url),
): string {
  if (process.versions.pnp) return `yarn ${verb === 'install' ? 'add' : verb} ${packages}`;
  return `npm ${verb} ${isGlobal(program) ? '-g ' : ''}${packages}`;
}

/** Whether it is installed for all projects: there is no package.json beside the folder of packages that it is in. */
function isGlobal(program: string): boolean {
  const [above, below] = program.split(/[\\/]node_modules[\\/]/, 2);
  return below !== undefined && !existsSync(join(above!, 'package.json'));
}
