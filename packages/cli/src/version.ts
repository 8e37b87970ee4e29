import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The version of this program. The source and the build both are one folder below package.json. */
export function ownVersion(): string {
  return versionIn(new URL('../package.json', import.meta.url));
}

/** The version of an installed package, or undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  // Not by require(): a package may not export its package.json.
  for (const folder of foldersOf(name)) {
    try {
      return versionIn(join(folder, 'package.json'));
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The folders where a package may be. */
function foldersOf(name: string): string[] {
  if (!process.versions.pnp) return (require.resolve.paths(name) ?? []).map((folder) => join(folder, name));
  try {
    // Yarn's Plug'n'Play has no folders of packages.
    return [require('pnpapi').resolveToUnqualified(name, fileURLToPath(import.meta.url))];
  } catch {
    return [];
  }
}

function versionIn(path: string | URL): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
