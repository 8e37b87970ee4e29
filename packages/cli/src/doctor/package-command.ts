import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The command that installs packages, or rebuilds them, where this program finds them.
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

/** Whether it is installed globally: there is no package.json beside its node_modules. */
function isGlobal(program: string): boolean {
  const [above, below] = program.split(/[\\/]node_modules[\\/]/, 2);
  return below !== undefined && !existsSync(join(above!, 'package.json'));
}
