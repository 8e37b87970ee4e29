import { mkdir, statfs } from 'node:fs/promises';
import { ResnetError } from '@resnet/core';
import { runProgram } from './run-program.js';
import type { Setup } from './setup.js';

export interface Machine {
  platform: string;
  arch: string;
  /** '2.36'; undefined where the C library is another, as in Alpine. */
  glibc: string | undefined;
}

/** A program that is run, and what to do where it is missing. */
export const PROGRAMS = {
  pip: { command: ['python3', '-m', 'pip', '--version'], debian: 'python3-pip', name: 'Python 3 with pip' },
  npm: { command: ['npm', '--version'], debian: 'npm', name: 'npm' },
  compiler: { command: ['g++', '--version'], debian: 'g++', name: 'the compiler g++' },
} as const;

/** The oldest pip that knows wheels of glibc by its number. */
const OLDEST_PIP = [20, 3] as const;

export function thisMachine(): Machine {
  const { platform, arch } = process;
  return { platform, arch, glibc: platform === 'linux' ? glibcVersion() : undefined };
}

export function isSupported({ platform, arch }: Pick<Machine, 'platform' | 'arch'> = process): boolean {
  return platform === 'linux' && arch === 'x64';
}

/** @throws SETUP_IMPOSSIBLE if TensorFlow's library does not run here */
export function checkPlatform(setup: Setup, machine: Machine): void {
  if (!isSupported(machine)) {
    throw impossible(
      `This sets up ${setup.backend} for Linux on x64 only, found ${machine.platform} on ${machine.arch}. ` +
        `Where TensorFlow has a library for it: npm install ${setup.npmPackage}.`,
    );
  }
  const [major, minor] = (machine.glibc ?? '0.0').split('.').map(Number) as [number, number];
  if (major > 2 || (major === 2 && minor >= setup.glibcMinor)) return;
  const found = machine.glibc === undefined ? 'another C library' : `glibc ${machine.glibc}`;
  throw impossible(
    `TensorFlow ${setup.version} takes glibc 2.${setup.glibcMinor} or later, found ${found}. ` +
      'Use a newer Linux, or a container with one.',
  );
}

/** @throws SETUP_IMPOSSIBLE if a program is missing, or pip is too old */
export async function checkPrograms(
  names: readonly (keyof typeof PROGRAMS)[],
  signal?: AbortSignal,
): Promise<void> {
  for (const name of names) {
    const { command, debian, name: text } = PROGRAMS[name];
    const [program, ...args] = command;
    const advice = `Install ${text}, in Debian and Ubuntu: apt-get install ${debian}`;
    const output = await runProgram(program, args, { advice: () => '', signal }).catch((cause) => {
      if (!ResnetError.is(cause) || cause.code === 'ABORTED') throw cause;
      throw impossible(`This takes ${text}, which does not run here: ${cause.message} ${advice}.`);
    });
    if (name === 'pip') checkPip(output);
  }
}

/** @param output what pip prints of its version: 'pip 23.2.1 from …' */
function checkPip(output: string): void {
  const [, major, minor] = /^pip (\d+)\.(\d+)/m.exec(output) ?? [];
  const [oldest, point] = OLDEST_PIP;
  if (Number(major) > oldest || (Number(major) === oldest && Number(minor) >= point)) return;
  throw impossible(
    `This takes pip ${OLDEST_PIP.join('.')} or later, found ${output.split(' from ', 1)[0]}. ` +
      'Bring it up to date: python3 -m pip install --upgrade pip.',
  );
}

/**
 * @param folder is made if it is missing
 * @throws SETUP_IMPOSSIBLE if the disk of the folder has less room
 */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const gigabytes = (value: number) => `${(value / 1e9).toFixed(1)} GB`;
  throw impossible(
    `This takes ${gigabytes(bytes)} more in ${folder}, and its disk has ${gigabytes(free)} free. ` +
      'Make room, or name a folder on another disk by the environment variable RESNET_CACHE.',
  );
}

function impossible(message: string): ResnetError {
  return new ResnetError('SETUP_IMPOSSIBLE', message);
}

function glibcVersion(): string | undefined {
  // Otherwise the report asks for the names of all machines that are connected to.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}
