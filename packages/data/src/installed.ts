import { createRequire } from 'node:module';
import { ResnetError } from '@resnet/backend/error';

/**
 * The path of a module of an optional package: looked for beside this package, then from the folder that the
 * program runs in, as a linked or global copy of this package doesn't see what the program has installed.
 *
 * @param module 'sharp', 'mnist/package.json'
 * @param work what needs it, for the message: 'Reading images'
 * @throws PACKAGE_MISSING
 */
export function resolveInstalled(module: string, work: string): string {
  try {
    return createRequire(import.meta.url).resolve(module, { paths: [import.meta.dirname, process.cwd()] });
  } catch (cause) {
    const name = module.split('/')[0];
    throw new ResnetError(
      'PACKAGE_MISSING',
      `${work} needs the package '${name}', which is not installed. Run: npm install ${name}`,
      { cause },
    );
  }
}
