import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { ResnetError } from '@resnet/core';

/**
 * The path of a module of an optional package. It is resolved from this package, then from the program's file, as a linked copy
 * of this package doesn't see what the program has installed. It is never resolved from the working directory, which may be
 * untrusted.
 *
 * @param module 'sharp', 'mnist/package.json'
 * @param work what needs it, for the message: 'Reading images'
 * @throws PACKAGE_MISSING
 */
export function resolveOptionalPackage(module: string, work: string): string {
  try {
    return createRequire(import.meta.url).resolve(module, {
      paths: [import.meta.dirname, ...programFolder()],
    });
  } catch (cause) {
    const name = module.split('/')[0];
    throw new ResnetError(
      'PACKAGE_MISSING',
      `${work} needs the package '${name}', which is not installed. Run: npm install ${name}`,
      { cause },
    );
  }
}

/** None where the program is no file, as with `node --eval`. */
function programFolder(): string[] {
  const program = process.argv[1];
  return program !== undefined && existsSync(program) ? [dirname(realpathSync(program))] : [];
}
