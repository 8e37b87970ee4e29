import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Random } from '@resnet/core';
import { type FakeServer, sha256, someBytes, startServer, whole } from '@resnet/testing';
import { readSafetensors } from '@resnet/zoo';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Over all kinds. CONTRIBUTING.md says how to ask for more. */
const rounds = Math.ceil(Number(process.env.RESNET_ROUNDS ?? 80) / 4);
/** Seconds, on a busy machine, for what takes a fraction of one. */
const PATIENCE = 60;
const packages = join(import.meta.dirname, '..', '..', '..');
const program = join(packages, 'integration', 'dist', 'shared-files-program.mjs');

let parent: string;
let server: FakeServer;
const bytes = someBytes(300_000);
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'resnet-shared-'));
  server = await startServer();
  server.answers = [whole(bytes)];
  await build({
    entryPoints: [join(import.meta.dirname, 'shared-files-program.ts')],
    outfile: program,
    ...{ bundle: true, format: 'esm', platform: 'node', logLevel: 'silent', tsconfigRaw: '{}' },
    plugins: [
      {
        name: 'sources of ours, and nothing of others that is not used',
        setup({ onResolve }) {
          onResolve({ filter: /^@resnet\/[\w-]+(\/\w+)?$/ }, ({ path }) => {
            const [, name, entry = 'index'] = path.split('/');
            return { path: join(packages, name!, 'src', `${entry}.ts`), sideEffects: false };
          });
          onResolve({ filter: /^[^./]/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
        },
      },
    ],
  });
});
afterAll(async () => {
  await server.close();
  await rm(parent, { recursive: true });
});

interface Ended {
  /** 'done', or the code of an error. */
  outcome: string;
  isKilled: boolean;
  problems: string;
}

/** @param killAfter milliseconds from when it is ready */
async function start(argv: string[], killAfter?: number, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...argv], { env: { ...process.env, ...env } });
  let [output, problems] = ['', ''];
  child.stderr.on('data', (chunk) => {
    problems += chunk;
  });
  child.stdout.on('data', async (chunk) => {
    const wasReady = output !== '';
    output += chunk;
    if (wasReady || killAfter === undefined) return;
    await setTimeout(killAfter);
    child.kill('SIGKILL');
  });
  await ending(child);
  const outcome = output.trim().split('\n').at(-1)!;
  return { outcome, isKilled: child.signalCode === 'SIGKILL', problems };
}

function ending(child: ChildProcess): Promise<void> {
  const alarm = new AbortController();
  return Promise.race([
    new Promise<void>((resolve) => child.on('close', () => resolve())),
    setTimeout(1000 * PATIENCE, undefined, { signal: alarm.signal, ref: false }).then(() => {
      child.kill('SIGKILL');
      throw new Error(`A process did not end in ${PATIENCE} seconds.`);
    }),
  ]).finally(() => alarm.abort());
}

interface Tally {
  kills: number;
  refused: number;
}

/**
 * Starts two at once, each of which is killed more often than not, and makes sure that those that live end as they may.
 *
 * @param refusals codes of errors that one may end with because of the other
 */
async function round(
  random: Random,
  tally: Tally,
  both: string[][],
  refusals: string[],
  longest: number,
): Promise<void> {
  const chosen = both.map((argv) =>
    start(argv, random.uniform() < 0.6 ? random.uniform() * longest : undefined),
  );
  for (const { outcome, isKilled, problems } of await Promise.all(chosen)) {
    if (isKilled) tally.kills++;
    else if (outcome !== 'done') {
      expect(refusals, problems).toContain(outcome);
      tally.refused++;
    }
  }
}

const temporary = /^\..+\.([0-9a-f]{16}\.tmp|lock-.+)$/;

describe('two processes at once, killed at random moments', { timeout: 60_000 + 4_000 * rounds }, () => {
  it('in the folder of a run', async () => {
    const [random, tally] = [new Random(1), { kills: 0, refused: 0 }];
    const folder = join(parent, 'run');
    let reached = 0;
    for (let count = 0; count < rounds; count++) {
      await round(
        random,
        tally,
        [
          ['run', folder],
          ['run', folder],
        ],
        ['RUN_BUSY'],
        40,
      );
      // Whatever is there under a name of its own is whole and of one moment, and no checkpoint gets lost.
      const checkpoints = join(folder, 'checkpoints');
      const names = (await readdir(checkpoints).catch(() => [])).filter((name) => /^\d+$/.test(name)).sort();
      const newest = names.at(-1);
      for (const name of names.slice(-2)) {
        for (const file of ['model.safetensors', 'optimizer.safetensors']) {
          const read = await readFile(join(checkpoints, name, file)).catch(() => undefined);
          // A kill may have come in the middle of removing an old one.
          if (read === undefined && name !== newest) continue;
          const { data } = readSafetensors(read!).tensors.get('w')!;
          expect(new Set(data)).toEqual(new Set([Number(name)]));
        }
      }
      expect(Number(newest ?? 0)).toBeGreaterThanOrEqual(reached);
      reached = Number(newest ?? 0);
      const report = await readFile(join(folder, 'report.md'), 'utf8').catch(() => '');
      expect(new Set(report.trimEnd().split('\n')).size).toBe(1);
    }
    expect(await start(['run', folder])).toMatchObject({ outcome: 'done', problems: '' });
    expect((await readdir(folder)).sort()).toEqual(['checkpoints', 'metrics.jsonl', 'report.md']);
    expect(await readdir(join(folder, 'checkpoints'))).toHaveLength(2);
    const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).iteration)).toEqual(lines.map((_, index) => index + 1));
    console.log(
      `run: ${rounds} rounds, ${tally.kills} kills, ${tally.refused} refused, ${lines.length} steps.`,
    );
  });

  it('at a lock whose process is gone: one of them gets it', async () => {
    const path = join(parent, 'shared');
    const children = [0, 1].map(() => spawn(process.execPath, [program, 'lock', path]));
    const lines = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    const tell = (text: string) => {
      for (const child of children) child.stdin.write(`${text}\n`);
      return answers();
    };
    const answers = () => Promise.all(lines.map(async (each) => (await each.next()).value as string));
    expect(await answers()).toEqual(['ready', 'ready']);
    // The name that a dead process of this place has given its lock.
    await tell(String(Date.now()));
    const [name] = (await readdir(parent)).filter((name) => name.startsWith('.shared.lock-'));
    const [, , host, place] = name!.split('-');
    await tell('release');
    const dead = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).stdout.trim();
    const outcomes = new Map<string, number>();
    for (let count = 0; count < 5 * rounds; count++) {
      const random = count.toString(16).padStart(16, '0');
      await writeFile(join(parent, `.shared.lock-${dead}-${host}-${place}-1-${random}`), 'process 1 on here');
      const outcome = (await tell(String(Date.now() + 5))).sort().join(', ');
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      await tell('release');
    }
    expect((await readdir(parent)).filter((name) => name.startsWith('.shared.lock-'))).toEqual([]);
    for (const child of children) child.stdin.end();
    expect([...outcomes.keys()]).toEqual(['got it, refused']);
    console.log(`stale lock: ${5 * rounds} times one got it and one was refused.`);
  });

  it('with an entry of the cache', async () => {
    const [random, tally] = [new Random(2), { kills: 0, refused: 0 }];
    const folder = join(parent, 'cache');
    const reference = { repository: 'owner/model', path: 'model.safetensors', commit: 'a'.repeat(40) };
    const file = { ...reference, bytes: bytes.length, sha256: sha256(bytes) };
    const stored = `${file.sha256}-model.safetensors`;
    const argv = ['cache', folder, JSON.stringify({ hub: server.url, file })];
    let found = 0;
    for (let count = 0; count < rounds; count++) {
      await round(random, tally, [argv, argv], [], 60);
      const read = await readFile(join(folder, stored)).catch(() => undefined);
      if (read === undefined) continue;
      found++;
      expect(sha256(read)).toBe(file.sha256);
      await rm(join(folder, stored));
    }
    expect(await start(argv)).toMatchObject({ outcome: 'done', problems: '' });
    expect(await readdir(folder)).toEqual([stored]);
    console.log(`cache: ${rounds} rounds, ${tally.kills} kills, ${found} times whole, else not there.`);
  });

  it('in a folder of shards', async () => {
    const [random, tally] = [new Random(3), { kills: 0, refused: 0 }];
    const expected = join(parent, 'shards');
    expect(await start(['shards', expected])).toMatchObject({ outcome: 'done' });
    const contents = async (folder: string) => {
      const names = (await readdir(folder).catch(() => [])).filter((name) => !temporary.test(name));
      return new Map(
        await Promise.all(
          names.map(async (name) => [name, sha256(await readFile(join(folder, name)))] as const),
        ),
      );
    };
    const whole = await contents(expected);
    let [finished, folder] = [0, join(parent, 'shards-0')];
    for (let count = 0; count < rounds; count++) {
      const argv = ['shards', folder];
      // Who comes when all is done finds a folder that holds shards.
      await round(random, tally, [argv, argv], ['FILE_BUSY', 'OPTION_INVALID'], 150);
      const found = await contents(folder);
      for (const [name, sum] of found)
        if (name !== '.unfinished.json') expect(sum, name).toBe(whole.get(name));
      if (!found.has('index.json')) continue;
      for (const name of whole.keys()) expect([...found.keys()]).toContain(name);
      finished++;
      folder = join(parent, `shards-${finished}`);
    }
    console.log(
      `shards: ${rounds} rounds, ${tally.kills} kills, ${tally.refused} refused, ${finished} folders whole.`,
    );
  });

  it('with an output, where both have one number, as in two containers', async () => {
    const path = join(parent, 'containers', 'eval.json');
    for (let count = 0; count < 3; count++) {
      const both = ['a', 'b'].map((letter) =>
        start(['output', path, letter], undefined, { RESNET_PID: '1' }),
      );
      for (const ended of await Promise.all(both))
        expect(ended).toMatchObject({ outcome: 'done', problems: '' });
      const found = await readFile(path, 'utf8');
      expect([found.length, /^(a+|b+)$/.test(found)]).toEqual([200_000, true]);
      expect(await readdir(join(parent, 'containers'))).toEqual(['eval.json']);
    }
  });

  it('with an output', async () => {
    const [random, tally] = [new Random(4), { kills: 0, refused: 0 }];
    const folder = join(parent, 'output');
    await mkdir(folder);
    const path = join(folder, 'eval.json');
    let wasThere = false;
    for (let count = 0; count < rounds; count++) {
      let isOver = false;
      const both = round(
        random,
        tally,
        [
          ['output', path, 'a'],
          ['output', path, 'b'],
        ],
        [],
        80,
      ).finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const found = await readFile(path, 'utf8').catch(() => undefined);
        if (found === undefined) expect(wasThere).toBe(false);
        else {
          wasThere = true;
          expect([found.length, /^(a+|b+)$/.test(found)]).toEqual([200_000, true]);
        }
        await setTimeout(5);
      }
      await both;
    }
    const others = (await readdir(folder)).filter((name) => name !== 'eval.json');
    for (const name of others) expect(name).toMatch(temporary);
    console.log(`output: ${rounds} rounds, ${tally.kills} kills, never mixed, never gone.`);
  });
});
