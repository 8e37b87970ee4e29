import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Random } from '@resnet/core';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** For each way to train. More take longer: CONTRIBUTING.md says how to ask for the 50 that we promise. */
const kills = Number(process.env.RESNET_KILLS ?? 3);

const program = join(import.meta.dirname, '..', '..', 'dist', 'killed-training-program.mjs');

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'resnet-killed-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'killed-training-program.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    // What runs is what is published: the packages' builds, not their sources.
    packages: 'external',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  });
});
afterAll(() => rm(parent, { recursive: true }));

interface Session {
  /** Milliseconds from when training could begin to the end. */
  milliseconds: number;
  isKilled: boolean;
  /** The first and the last step that was taken. */
  steps: [first: number, last: number] | undefined;
}

/** Runs the program, and kills it a while after training could begin. */
function train(folder: string, what: string, killAfter = Number.POSITIVE_INFINITY): Promise<Session> {
  const child = spawn(process.execPath, [program, folder, what]);
  let [output, problems] = ['', ''];
  let ready = 0;
  child.stderr.on('data', (chunk) => {
    problems += chunk;
  });
  child.stdout.on('data', async (chunk) => {
    output += chunk;
    if (ready > 0 || !output.includes('ready')) return;
    ready = performance.now();
    if (killAfter === Number.POSITIVE_INFINITY) return;
    await setTimeout(killAfter);
    child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const isKilled = signal === 'SIGKILL';
      if (!isKilled && code !== 0) return reject(new Error(problems));
      const steps = [...output.matchAll(/step (\d+)/g)].map(([, step]) => Number(step));
      const milliseconds = performance.now() - ready;
      resolve({ milliseconds, isKilled, steps: steps[0] ? [steps[0], steps.at(-1)!] : undefined });
    });
  });
}

/** A record of the metrics, or the state of a checkpoint, without what differs from run to run. */
function withoutTimes(record: Record<string, unknown>) {
  const { imagesPerSecond, waiting, seconds, ...rest } = record;
  if (!rest.window) return rest;
  const { data, forward, backward, update, ...window } = rest.window as Record<string, number>;
  return { ...rest, window };
}

/** All that a run leaves which must not depend on how often it was killed. */
async function remains(folder: string) {
  const names = (await readdir(folder, { recursive: true })).sort();
  const contents = names.map(async (name) => {
    const path = join(folder, name);
    if (name.endsWith('state.json')) return [name, withoutTimes(JSON.parse(await readFile(path, 'utf8')))];
    if (!name.endsWith('.safetensors')) return [name];
    const bytes = await readFile(path);
    return [name, createHash('sha256').update(bytes).digest('hex')];
  });
  const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  const metrics = lines.map((line) => withoutTimes(JSON.parse(line)));
  return { names, contents: await Promise.all(contents), metrics };
}

/** Whether a killed run has left a file that is not whole, or not under its name yet. */
async function hasLeftovers(folder: string): Promise<boolean> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const metrics = await readFile(join(folder, 'metrics.jsonl'), 'utf8').catch(() => '');
  return names.some((name) => /\.tmp|\.old|\.\d{6,}$/.test(name)) || /[^\n]$/.test(metrics);
}

/** What happened to the runs of a test, for people to see that the kills came at all kinds of moments. */
interface Tally {
  kills: number;
  beforeAnyStep: number;
  withLeftovers: number;
  stepsAgain: number;
}

/** Trains into a folder, killed as long as `killAfter` gives a time, and resumed until it is finished. */
async function trainToTheEnd(
  folder: string,
  what: string,
  killAfter: () => number | undefined,
  tally: Tally,
): Promise<void> {
  let reached = 0;
  for (;;) {
    const { isKilled, steps } = await train(folder, what, killAfter());
    if (steps) {
      tally.stepsAgain += Math.max(0, reached - steps[0] + 1);
      reached = steps[1];
    }
    if (!isKilled) return;
    tally.kills++;
    if (!steps) tally.beforeAnyStep++;
    if (await hasLeftovers(folder)) tally.withLeftovers++;
  }
}

describe('training that is killed again and again', () => {
  const timeout = 60_000 + 20_000 * kills;
  it.each([
    ['plain', 'null'],
    ['with averaging', '0.9'],
    ['a detector', 'detector'],
  ])('ends with the same bytes as if it had never been: %s', { timeout }, async (name, what) => {
    const undisturbed = join(parent, `${name} undisturbed`);
    const { milliseconds } = await train(undisturbed, what);
    const expected = await remains(undisturbed);
    expect(expected.names).toContain(join('checkpoints', '00000040', 'optimizer.safetensors'));
    expect(expected.metrics.length).toBe(20 + 8);

    const random = new Random(50);
    const tally: Tally = { kills: 0, beforeAnyStep: 0, withLeftovers: 0, stepsAgain: 0 };
    const killAfter = () => (tally.kills < kills ? (random.uniform() * milliseconds) / 3 : undefined);
    let runs = 0;
    do {
      const folder = join(parent, `${name} ${runs++}`);
      await trainToTheEnd(folder, what, killAfter, tally);
      expect(await remains(folder)).toEqual(expected);
    } while (tally.kills < kills);
    console.log(
      `${name}: ${tally.kills} kills, ${tally.beforeAnyStep} of them before any step and ${tally.withLeftovers} in ` +
        `the middle of a file; ${tally.stepsAgain} steps taken again. Runs of 40 steps that ended with the bytes of ` +
        `an undisturbed one: ${runs} of ${runs}.`,
    );
  });
});
