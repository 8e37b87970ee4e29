import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ResnetError } from '@resnet/core';

/**
 * Imports modules of the user one after another, such as one that registers a network or a data set.
 *
 * @param names files, by paths from the working directory, or packages
 * @throws MODULE_MISSING if there is no such file or package; MODULE_FAILED if one throws while it is loaded
 */
export async function importModules(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const url = urlOf(name);
    await import(/* @vite-ignore */ url).catch((cause: unknown) => {
      const { message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause));
      const line = Number.parseInt(stack.split(`${url}:`)[1] ?? '', 10);
      const where = Number.isNaN(line) ? '' : ` in line ${line}`;
      throw new ResnetError(
        'MODULE_FAILED',
        `The module of --import ${name} throws an error${where} while it is loaded: ${message}`,
        { cause },
      );
    });
  }
}

function urlOf(name: string): string {
  const path = resolve(name);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return pathToFileURL(path).href;
  const attempts = [() => pathToFileURL(createRequire(resolve('package.json')).resolve(name)).href];
  // Packages that export nothing to `require`, from where this program is. Of paths it does not tell whether they are there.
  if (/^[@\w][^:]*$/.test(name)) attempts.push(() => import.meta.resolve(name));
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // The next attempt, or none.
    }
  }
  throw new ResnetError(
    'MODULE_MISSING',
    `--import must name a file or an installed package, found '${name}': there is no file ${path}, and no such package.`,
  );
}
