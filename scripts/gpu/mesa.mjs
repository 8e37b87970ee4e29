// Mesa's Vulkan drivers, for machines without a GPU: lavapipe, which computes on the processor, and RADV, which compiles for AMD's GPUs.
// `node scripts/gpu/mesa.mjs` unpacks them into .gpu-compiler/mesa, where they are not there yet.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MESA = ['mesa-vulkan-drivers', 'libvulkan1', 'libvulkan-dev', 'spirv-tools'];

/** Ignored by git; also what is compiled here is kept in it. */
export const folder = join(dirname(fileURLToPath(import.meta.url)), '../../.gpu-compiler');
const unpacked = join(folder, 'mesa');
const validation = join(folder, 'validation');
export const headers = join(unpacked, 'usr/include');
export const libraries = join(unpacked, 'usr/lib/x86_64-linux-gnu');
export const spirvAssembler = join(unpacked, 'usr/bin/spirv-as');

export const unpackMesa = () => unpack(unpacked, MESA);

/**
 * Unpacks Khronos' validation layer.
 *
 * @returns the folders of its manifest and of its library
 */
export function unpackValidation() {
  unpack(validation, ['vulkan-validationlayers']);
  return {
    manifests: join(validation, 'usr/share/vulkan/explicit_layer.d'),
    libraries: join(validation, 'usr/lib/x86_64-linux-gnu'),
  };
}

/**
 * Unpacked, not installed: an installed driver is found by every program. Dawn refuses the Mesa 22 of Debian 12, so that this is
 * what Debian has for its stable releases later, in backports.
 *
 * @param {string} target
 * @param {readonly string[]} packages of Debian
 * @throws with the reason, if it can't be had
 */
function unpack(target, packages) {
  if (existsSync(target)) return;
  const release = readFileSync('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (process.arch !== 'x64' || !/^ID=debian$/m.test(release) || !codename || process.getuid?.() !== 0) {
    throw new Error(
      `${packages[0]} is unpacked from Debian's packages, which takes Debian on x86-64, and root.`,
    );
  }
  const work = join(folder, 'apt');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  mkdirSync(join(work, 'archives/partial'), { recursive: true });
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const mirror = mirrorOf(codename);
  const suites = [codename, `${codename}-backports`];
  writeFileSync(
    join(work, 'sources.list'),
    suites.map((suite) => `deb ${signed} ${mirror} ${suite} main\n`).join(''),
  );
  // The machine's own lists and packages stay as they are.
  const apart = {
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(work, 'lists'),
    'Dir::Cache': work,
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  };
  const apt = (...parameters) =>
    run('apt-get', [
      '-qq',
      ...Object.entries(apart).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
      ...parameters,
    ]);
  apt('update');
  // What this machine lacks of what they need, or has too old, comes along.
  const which = ['--reinstall', '--no-install-recommends', '--target-release', suites[1]];
  apt('install', '--yes', '--download-only', ...which, ...packages);
  const archives = join(work, 'archives');
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    run('dpkg-deb', ['-x', join(archives, file), join(work, 'unpacked')]);
  }
  renameSync(join(work, 'unpacked'), target);
  rmSync(work, { recursive: true });
}

/**
 * The environment in which programs find one of these drivers, and no other.
 *
 * @param {'lvp' | 'radeon'} driver
 */
export function environmentOf(driver) {
  const manifest = join(folder, `${driver}.json`);
  const icd = { library_path: join(libraries, `libvulkan_${driver}.so`), api_version: '1.3.0' };
  writeFileSync(manifest, JSON.stringify({ file_format_version: '1.0.0', ICD: icd }));
  return { ...process.env, VK_ICD_FILENAMES: manifest, LD_LIBRARY_PATH: libraries };
}

/** The address from which this machine takes its own packages. */
function mirrorOf(codename) {
  const targets = run('apt-get', [
    'indextargets',
    '--format',
    '$(CODENAME) $(COMPONENT) $(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = new RegExp(`^${codename} main (\\S+)$`, 'm').exec(targets)?.[1];
  if (!mirror) throw new Error(`apt-get of this machine has no address for Debian's ${codename}.`);
  return mirror;
}

function run(command, parameters) {
  try {
    return execFileSync(command, parameters, {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw new Error(`${command} failed: ${(error.stderr || error.message).trim()}`, { cause: error });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    unpackMesa();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
