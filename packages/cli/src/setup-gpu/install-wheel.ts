import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withDownloadBar } from '../shared/progress/download-bar.js';
import type { Io } from '../shared/terminal/io.js';
import { nameOf } from './requirements.js';
import { runProgram } from './run-program.js';

/** Only names the wheels to take, whatever Python is here: the library is the same in those for all versions. */
const PYTHON = ['--python-version=3.12', '--implementation=cp', '--only-binary=:all:'];
/** The oldest glibc that wheels name by its number. */
const OLDEST_GLIBC_MINOR = 5;
const EVERY_MS = 300;

/**
 * Lets pip download a package into a folder of packages, without those that it depends on. It appears there whole: its .dist-info comes last.
 *
 * @param requirement 'nvidia-nccl-cu12<3.0,>=2.27.7'
 * @param library nobody else may work in it at the same time
 * @param glibc of this machine, '2.36'
 * @throws SETUP_FAILED, ABORTED
 */
export async function installWheel(
  requirement: string,
  library: string,
  glibc: string,
  io: Io,
): Promise<void> {
  const unfinished = join(library, '.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  const [site, temporary] = [join(unfinished, 'site'), join(unfinished, 'temporary')];
  await mkdir(temporary, { recursive: true });
  try {
    await download(requirement, glibc, { site, temporary }, io);
    await moveInto(library, site);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function download(
  requirement: string,
  glibc: string,
  { site, temporary }: { site: string; temporary: string },
  io: Io,
): Promise<void> {
  const options = ['--no-deps', '--no-compile', '--no-cache-dir', '--progress-bar=off', `--target=${site}`];
  const args = ['-m', 'pip', 'install', ...options, ...PYTHON, ...platformsFor(glibc), requirement];
  // pip downloads and unpacks in the temporary folder; of the same disk, what is there can be moved.
  const env = {
    ...process.env,
    TMPDIR: temporary,
    PYTHONUNBUFFERED: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_ROOT_USER_ACTION: 'ignore',
  };
  await withDownloadBar({ name: nameOf(requirement) }, io, async ({ signal, onProgress }) => {
    let totalBytes: number | undefined;
    let receivedBytes = 0;
    const onOutput = (output: string) => {
      if (totalBytes !== undefined) return;
      totalBytes = downloadSize(output);
      if (totalBytes !== undefined) onProgress({ receivedBytes: 0, totalBytes, resumedBytes: 0 });
    };
    const timer = setInterval(async () => {
      if (totalBytes === undefined) return;
      // When it is unpacked the download goes.
      receivedBytes = Math.min(totalBytes, Math.max(receivedBytes, await folderBytes(temporary)));
      onProgress({ receivedBytes, totalBytes, resumedBytes: 0 });
    }, EVERY_MS);
    try {
      await runProgram('python3', args, { env, signal, onOutput, advice: adviceFor });
    } finally {
      clearInterval(timer);
    }
  });
}

/** Of a wheel that pip has begun to download, by what it prints. */
export function downloadSize(output: string): number | undefined {
  const [, number, unit] = /^\s*Downloading \S+\.whl \(([\d.]+) ([kM]B|bytes)\)/m.exec(output) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * { kB: 1e3, MB: 1e6, bytes: 1 }[unit as 'kB' | 'MB' | 'bytes'];
}

/** The platforms whose wheels this machine's C library can load, as pip names them. It takes each of them by its name only. */
export function platformsFor(glibc: string): string[] {
  const minor = Number(glibc.split('.')[1]);
  const numbers = Array.from({ length: minor - OLDEST_GLIBC_MINOR + 1 }, (_, index) => minor - index);
  return [...numbers.map((number) => `manylinux_2_${number}_x86_64`), 'manylinux2014_x86_64'].map(
    (name) => `--platform=${name}`,
  );
}

function adviceFor(output: string): string {
  if (/no space left/i.test(output)) return 'The disk is full: make room, and run this again.';
  // Where pip does not try again it only says that it has found nothing.
  if (/connect|resolution|timed? ?out|unreachable|proxy|ssl|from versions: none/i.test(output)) {
    return 'PyPI could not be reached: look at the network and at `python3 -m pip config list`, and run this again. What is there already stays.';
  }
  return 'Run this again; what is there already stays.';
}

/** Packages of NVIDIA share a folder. */
async function moveInto(library: string, site: string): Promise<void> {
  const shared = join(site, 'nvidia');
  for (const name of await foldersIn(shared)) {
    await mkdir(join(library, 'nvidia'), { recursive: true });
    await move(join(shared, name), join(library, 'nvidia', name));
  }
  const others = (await foldersIn(site)).filter((name) => name !== 'nvidia');
  const isLast = (name: string) => Number(name.endsWith('.dist-info'));
  for (const name of others.sort((a, b) => isLast(a) - isLast(b))) {
    await move(join(site, name), join(library, name));
  }
}

/** What is there was left by a process that was killed before it could move the .dist-info. */
async function move(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Of the files in a folder; what vanishes meanwhile does not count. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else if (entry.isFile())
      bytes += await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}
