import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ResnetError } from '@resnet/core';
import { takeLock } from '@resnet/files/node';
import type { Context } from '../context.js';
import { ownProgram } from '../own-program.js';
import type { Io } from '../shared/terminal/io.js';
import { printLine, printRows } from '../shared/terminal/print.js';
import { addonIn, compileAddon } from './addon.js';
import { checkPlatform, checkPrograms, checkRoom, type PROGRAMS, thisMachine } from './check-machine.js';
import { checkSetup } from './check-setup.js';
import { folderBytes } from './install-wheel.js';
import { completeLibrary, missingWheels } from './library.js';
import { checkLink, installPackage, isInstalled, linkPackage, packagePaths } from './node-package.js';
import { findModules } from './project-modules.js';
import { runProgram } from './run-program.js';
import { libraryFolder, SETUPS, type Setup } from './setup.js';

interface SetupOptions {
  /** The backend `node` instead. */
  cpu?: boolean;
  /** Only checks what is there, in this process. */
  check?: boolean;
}

/** One thing that is got unless it is there. */
interface Step {
  title: string;
  isDone: boolean;
  program: keyof typeof PROGRAMS;
  work(): Promise<void>;
}

/**
 * Sets up a backend that computes with TensorFlow's library, from packages of npm and PyPI.
 *
 * @param folder of the project
 * @param checkResult checks it when all is there; returns the names of what has passed, and the device
 * @throws SETUP_IMPOSSIBLE before anything is downloaded; SETUP_FAILED; FILE_BUSY while another process does the same; ABORTED
 */
export async function setupGpu(
  { cpu, check }: SetupOptions,
  context: Context,
  folder = process.cwd(),
  checkResult = checkInChild,
): Promise<void> {
  const setup = SETUPS[cpu ? 'node' : 'node-gpu'];
  const { io } = context;
  if (check) {
    const device = await checkSetup(setup, findModules(folder), (name) => printLine(io.stdout, `✓ ${name}`));
    printLine(io.stdout, device);
    return;
  }
  // A stopped program must have ended before what it has left is removed.
  context.whenStopped = 'wait';
  const machine = thisMachine();
  checkPlatform(setup, machine);
  const library = libraryFolder(setup);
  await mkdir(dirname(library), { recursive: true });
  const { lock, owner } = await takeLock(library);
  if (!lock) {
    throw new ResnetError('FILE_BUSY', `${owner} works on ${library}: run this again when it has ended.`);
  }
  try {
    const { modules } = findModules(folder);
    const link = await getWhatIsMissing(setup, library, modules, machine.glibc!, context);
    const checkIt = () => checkResult(setup, library, folder, io.signal);
    const result = await timed('Checking what it computes …', io, checkIt);
    printResult({ setup, library, link, ...result }, context);
  } finally {
    await lock.release();
  }
}

/** @returns the link by which the package is found */
async function getWhatIsMissing(
  setup: Setup,
  library: string,
  modules: string,
  glibc: string,
  { io }: Context,
): Promise<string> {
  const paths = packagePaths(setup, modules);
  checkLink(setup, paths);
  const addon = addonIn(library, setup);
  const { signal } = io;
  const steps: Step[] = [
    {
      title: `${setup.contents} from PyPI, in ${library}`,
      isDone: (await missingWheels(setup, library)).length === 0,
      program: 'pip',
      work: () => getLibrary(setup, library, glibc, io),
    },
    {
      title: `${setup.npmPackage} ${setup.npmVersion} from npm, in ${modules}`,
      isDone: isInstalled(paths, modules),
      program: 'npm',
      work: () => installPackage(setup, paths, modules, signal),
    },
    {
      title: 'its addon, compiled from its source',
      isDone: existsSync(addon),
      program: 'compiler',
      work: () => compileAddon(addon, library, paths.source, signal),
    },
  ];
  const missing = steps.filter(({ isDone }) => !isDone);
  await checkPrograms(
    missing.map((step) => step.program),
    signal,
  );
  for (const { title, isDone, work } of steps) {
    if (isDone) printLine(io.stderr, `Already there: ${title}.`);
    else await timed(`Getting ${title} …`, io, work);
  }
  await linkPackage(paths, addon);
  return paths.link;
}

interface Result {
  setup: Setup;
  library: string;
  link: string;
  /** Names of those that have passed. */
  checks: string[];
  device: string;
}

function printResult({ setup, library, link, checks, device }: Result, { io, program }: Context): void {
  const isAsWanted = setup.backend === 'node' || device.endsWith(' GPU');
  const advice = `it found no GPU: \`${program} doctor\` tells what lacks`;
  printRows(io.stdout, [
    ['backend', setup.backend],
    ['device', isAsWanted ? device : [device, advice]],
    ['checks', `${checks.length} passed`],
    ['library', library],
    ['package', link],
  ]);
}

async function getLibrary(setup: Setup, library: string, glibc: string, io: Io): Promise<void> {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const bytes = await folderBytes(library);
  await checkRoom(library, setup.diskBytes - bytes);
  const rest = bytes === 0 ? '' : `, of which ${gigabytes(bytes)} are there`;
  const { downloadBytes, diskBytes } = setup;
  printLine(
    io.stderr,
    `About ${gigabytes(downloadBytes)} to download, ${gigabytes(diskBytes)} on the disk${rest}.`,
  );
  await completeLibrary(setup, library, glibc, io);
}

async function timed<T>(title: string, { stderr }: Io, work: () => Promise<T>): Promise<T> {
  printLine(stderr, title);
  const start = performance.now();
  const result = await work();
  printLine(stderr, `  done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

async function checkInChild(
  { backend }: Setup,
  library: string,
  cwd: string,
  signal?: AbortSignal,
): Promise<Pick<Result, 'checks' | 'device'>> {
  const args = [ownProgram, 'setup-gpu', '--check', ...(backend === 'node' ? ['--cpu'] : [])];
  const advice = () => `Remove ${library} and run this again.`;
  const lines = (await runProgram(process.execPath, args, { cwd, signal, advice })).split('\n');
  return {
    checks: lines.filter((line) => line.startsWith('✓')),
    device: lines.find((line) => line.startsWith('TensorFlow ')) ?? 'unknown',
  };
}
