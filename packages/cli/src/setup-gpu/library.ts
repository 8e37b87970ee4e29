import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Io } from '../shared/terminal/io.js';
import { installWheel } from './install-wheel.js';
import { nameOf, requirementsOf, unpackedPackages } from './requirements.js';
import type { Setup } from './setup.js';

/** The packages in a library's folder, with their versions; none where there is no folder. */
export async function packagesIn(library: string): Promise<Map<string, string>> {
  return unpackedPackages(await readdir(library).catch(() => []));
}

/** The requirements that a library's folder does not fulfill. Those of the extra are known only once the wheel is there. */
export async function missingWheels({ wheel, version, extra }: Setup, library: string): Promise<string[]> {
  const there = await packagesIn(library);
  if (!there.has(wheel)) return [`${wheel}==${version}`];
  if (extra === undefined) return [];
  const folder = `${wheel.replaceAll('-', '_')}-${version}.dist-info`;
  const metadata = await readFile(join(library, folder, 'METADATA'), 'utf8');
  return requirementsOf(metadata, extra).filter((requirement) => !there.has(nameOf(requirement)));
}

/**
 * Downloads the packages that are missing, one after another; what is there stays, also when this fails or is stopped.
 *
 * @throws SETUP_FAILED, ABORTED
 */
export async function completeLibrary(setup: Setup, library: string, glibc: string, io: Io): Promise<void> {
  await mkdir(library, { recursive: true });
  for (const requirement of await missingWheels(setup, library)) {
    await installWheel(requirement, library, glibc, io);
  }
  // The wheel's own.
  for (const requirement of await missingWheels(setup, library)) {
    await installWheel(requirement, library, glibc, io);
  }
}
