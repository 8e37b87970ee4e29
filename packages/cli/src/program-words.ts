import { existsSync } from 'node:fs';
import { basename, delimiter, dirname, join, relative } from 'node:path';

/** The package. Where it is not installed, npx and others ask the registry for it; a package `resnet` there may be anybody's. */
const PACKAGE = '@resnet/cli';

/**
 * How the user called this program: `npx @resnet/cli`, `resnet` where that is a command, or the path of the file.
 *
 * @param script the file that Node runs: `process.argv[1]`
 */
export function programWords(script: string, env: NodeJS.ProcessEnv): string {
  const manager = env.npm_config_user_agent?.split('/')[0];
  if (manager !== undefined) return wordsOf(manager, /[\\/](bunx|dlx)-?/.test(script));
  if (isCommand(script, env)) return 'resnet';
  const path = quoted(relative('', script));
  return basename(script) === 'resnet' ? path : `node ${path}`;
}

/** How a package manager runs the program. */
function wordsOf(manager: string, isFetched: boolean): string {
  switch (manager) {
    case 'pnpm':
      return isFetched ? `pnpm dlx ${PACKAGE}` : 'pnpm exec resnet';
    case 'yarn':
      return isFetched ? `yarn dlx ${PACKAGE}` : 'yarn resnet';
    case 'bun':
      return `bunx ${PACKAGE}`;
    default:
      return `npx ${PACKAGE}`;
  }
}

/** Whether a shell finds the program by its name. Windows' command files run the script itself. */
function isCommand(script: string, { PATH = '' }: NodeJS.ProcessEnv): boolean {
  const folders = PATH.split(delimiter);
  return process.platform === 'win32'
    ? folders.some((folder) => existsSync(join(folder, 'resnet.cmd')))
    : basename(script) === 'resnet' && folders.includes(dirname(script));
}

/** A word for the user to paste into a shell. */
export function quoted(word: string): string {
  return /^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
