import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ResnetError } from '@resnet/core';
import { runProgram } from './run-program.js';
import type { Setup } from './setup.js';

/** The newest that tfjs-node 4.22 looks for. */
export const NAPI_VERSION = 8;
const SCOPE = '@tensorflow';

/** Where tfjs's package is put. */
export interface PackagePaths {
  /** The package and what it depends on. npm leaves folders alone whose names begin with a dot. */
  own: string;
  /** In there. */
  source: string;
  /** The addon, where the package looks for it: a link to the library's folder. */
  addon: string;
  /** The link by which the package is found: npm removes it when it installs something else. */
  link: string;
}

export function packagePaths({ npmPackage, npmVersion }: Setup, modules: string): PackagePaths {
  const own = join(modules, '.resnet', `${npmPackage.slice(SCOPE.length + 1)}-${npmVersion}`);
  const source = join(own, 'node_modules', npmPackage);
  const addon = join(source, 'lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');
  return { own, source, addon, link: join(modules, npmPackage) };
}

/** @throws SETUP_IMPOSSIBLE if somebody else has put the package where its link is to be */
export function checkLink(setup: Setup, { link }: PackagePaths): void {
  if (ownLink(link) || !lstatSync(link, { throwIfNoEntry: false })) return;
  const message =
    `${setup.npmPackage} is installed already, with the TensorFlow of its install script: ${link}. ` +
    `Remove it first: npm uninstall ${setup.npmPackage}.`;
  throw new ResnetError('SETUP_IMPOSSIBLE', message);
}

/** Whether a package is found by a link that this command has made. */
export function ownLink(link: string): boolean {
  if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return false;
  return readlinkSync(link).startsWith(join('..', '.resnet'));
}

/** Whether the package is there, and each of tfjs's packages that it depends on is there or in the project. */
export function isInstalled({ own }: PackagePaths, modules: string): boolean {
  const list = join(own, 'node_modules', '.package-lock.json');
  if (!existsSync(list)) return false;
  const { packages } = JSON.parse(readFileSync(list, 'utf8')) as { packages: object };
  return Object.keys(packages)
    .filter((path) => /^node_modules\/@tensorflow\/[^/]+$/.test(path))
    .every((path) => existsSync(join(own, path)) || existsSync(join(dirname(modules), path)));
}

/**
 * Installs the package with npm, without its script, which would download TensorFlow. What the project has of tfjs is shared:
 * a second copy of tfjs-core would have its own classes, and one of a backend would register every kernel once more.
 *
 * @throws SETUP_FAILED, ABORTED
 */
export async function installPackage(
  { npmPackage, npmVersion }: Setup,
  { own }: PackagePaths,
  modules: string,
  signal?: AbortSignal,
): Promise<void> {
  const unfinished = `${own}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await writeFile(join(unfinished, 'package.json'), '{ "private": true }\n', { flag: 'wx' });
    const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--prefer-offline'];
    const args = ['install', ...options, '--loglevel=error', `${npmPackage}@${npmVersion}`];
    await runProgram('npm', args, { cwd: unfinished, signal, advice: adviceFor });
    await rm(own, { recursive: true, force: true });
    await rename(unfinished, own);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await shareWith(modules, own);
}

async function shareWith(modules: string, own: string): Promise<void> {
  for (const name of await readdir(join(own, 'node_modules', SCOPE))) {
    if (!existsSync(join(modules, SCOPE, name))) continue;
    await rm(join(own, 'node_modules', SCOPE, name), { recursive: true });
  }
}

/** Makes the links by which Node finds the package, and the package its addon. */
export async function linkPackage({ source, addon, link }: PackagePaths, builtAddon: string): Promise<void> {
  await replaceLink(addon, builtAddon);
  await replaceLink(link, relative(dirname(link), source));
}

async function replaceLink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(target, path);
}

function adviceFor(output: string): string {
  return /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|network/.test(output)
    ? 'The npm registry could not be reached: look at the network and at `npm config list`, and run this again.'
    : 'Run this again.';
}
