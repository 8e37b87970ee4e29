import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { afterEach, describe, expect, it, type TestContext, vi } from 'vitest';
import {
  checkpoints,
  failing,
  folder,
  metrics,
  run,
  stoppingAfter,
  useRunFolder,
  weights,
} from './testing.js';

let unmount = () => {};
useRunFolder();
// After hooks run in reverse order: a disk is unmounted before its folder is removed.
afterEach(() => {
  unmount();
  unmount = () => {};
});

/** Does something without the rights of root, who can write anywhere. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid!() !== 0) return work();
  process.seteuid!(65_534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

/** Puts an empty file system of a size in the place of what holds the folder; where that can't be, skips the test. */
function mountSmallDisk(context: TestContext, size: string): void {
  const path = join(folder, '..');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    context.skip('a small file system can only be mounted as root, on Linux');
  }
  unmount = () => execFileSync('umount', [path]);
}

describe('trainRun', () => {
  it.skipIf(process.platform === 'win32')(
    'says before the first step that a folder can’t be written (skipped on Windows, which has no such modes)',
    async () => {
      const onProgress = vi.fn();
      await chmod(join(folder, '..'), 0o555);
      const error = await asNobody(() => failing({ onProgress }));
      expect(error).toMatchObject({ code: 'FILE_UNWRITABLE', message: expect.stringContaining(folder) });

      await chmod(join(folder, '..'), 0o755);
      await failing(stoppingAfter(3));
      const log = await readFile(join(folder, 'metrics.jsonl'));
      const atResume = await asNobody(() => failing({ resume: true, onProgress }));
      expect(atResume).toMatchObject({ code: 'FILE_UNWRITABLE' });
      expect(onProgress).not.toHaveBeenCalled();
      expect(await readFile(join(folder, 'metrics.jsonl'))).toEqual(log);
    },
  );

  it('says before the first step that the disk has no room for the run', async (context) => {
    mountSmallDisk(context, '2m');
    const onProgress = vi.fn();
    const error = await failing({ onProgress });
    expect(error).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringMatching(/has 2\.1 MB left; this run needs [3-4]\.\d MB\. Make room/),
    });
    expect(onProgress).not.toHaveBeenCalled();
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });

  it('keeps the last checkpoint when the disk fills up, and goes on once there is room', async (context) => {
    await run();
    const [expectedWeights, expectedMetrics] = [await weights(), await metrics()];
    mountSmallDisk(context, '6m');
    const filler = join(folder, '..', 'filler');
    const fillUp = ({ iteration }: { iteration: number }) => {
      if (iteration !== 5) return;
      // All but what a part of a checkpoint takes.
      execFileSync('sh', ['-c', `cat /dev/zero > ${filler} 2> /dev/null; truncate -s -200K ${filler}`]);
    };
    const error = await failing({ onProgress: fillUp });
    expect(error).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringMatching(/00000006: ENOSPC.+ make room, .+ resume/),
    });
    expect(await checkpoints()).toEqual(['00000002', '00000004']);
    const atResume = await failing({ resume: true });
    expect(atResume).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining('Make room'),
    });

    await rm(filler);
    await run({ resume: true });
    expect(await weights()).toEqual(expectedWeights);
    expect(await metrics()).toEqual(expectedMetrics);
  });

  it('tidies up what a kill has left half written, and nothing else', async () => {
    await failing(stoppingAfter(3));
    const hex = '0123456789abcdef';
    await mkdir(join(folder, 'checkpoints', `.00000004.${hex}.tmp`));
    await writeFile(join(folder, 'checkpoints', `.00000004.${hex}.tmp`, 'state.json'), '{');
    const theirs = [
      'best.safetensors.20261231',
      'metrics.jsonl.2948211843',
      'report.md.2',
      `.notes.${hex}.tmp`,
    ];
    for (const name of [...theirs, `.metrics.jsonl.${hex}.tmp`, `.best.safetensors.${hex}.tmp`])
      await writeFile(join(folder, name), '');
    await run({ resume: true });
    expect((await readdir(folder)).sort()).toEqual(
      [
        ...theirs,
        ...[
          'best.safetensors',
          'checkpoints',
          'curves.svg',
          'metrics.jsonl',
          'model.safetensors',
          'report.md',
        ],
      ].sort(),
    );
    expect(await checkpoints()).toEqual(['00000006', '00000008']);
  });

  it('refuses files of a run’s names that no run has left, also to resume, and changes nothing', async () => {
    for (const name of ['report.md', 'best.safetensors', 'metrics.jsonl']) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), 'theirs');
      for (const resume of [false, true]) {
        expect(await failing({ resume })).toMatchObject({
          code: 'OPTION_INVALID',
          message: expect.stringContaining(`${join(folder, name)} is there already`),
        });
      }
      expect(await readFile(join(folder, name), 'utf8')).toBe('theirs');
      expect(await readdir(folder)).toEqual([name]);
      await rm(folder, { recursive: true });
    }
  });

  it('goes on, if it is asked to, where a run was killed before its first checkpoint', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'metrics.jsonl'), '{"kind":"train","iteration":2}\n{"ki');
    await writeFile(join(folder, 'report.md'), '# resnet20');
    expect(await failing()).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('Resume'),
    });
    await run({ resume: true });
    expect(await checkpoints()).toEqual(['00000006', '00000008']);
  });

  it('ends where another run has taken over its folder, and leaves that what is there', async () => {
    const error = await failing({
      onProgress: async ({ iteration }) => {
        if (iteration !== 1) return;
        for (const name of await readdir(folder))
          if (name.startsWith('.run.lock-')) await rm(join(folder, name));
      },
    });
    expect(error).toMatchObject({ code: 'RUN_BUSY', message: expect.stringContaining('has taken over') });
    expect(await readdir(folder)).toEqual(['metrics.jsonl']);
  });

  it('refuses a link in the place of its checkpoints, and touches nothing where it leads', async () => {
    const theirs = join(folder, '..', 'theirs');
    for (const name of ['00000001', '.00000002.tmp']) {
      await mkdir(join(theirs, name), { recursive: true });
      await writeFile(join(theirs, name, 'state.json'), 'theirs');
    }
    await mkdir(folder);
    await symlink(theirs, join(folder, 'checkpoints'));
    for (const resume of [false, true]) {
      expect(await failing({ resume })).toMatchObject({
        code: 'OPTION_INVALID',
        message: expect.stringContaining('found a link'),
      });
    }
    expect((await readdir(theirs, { recursive: true })).sort()).toEqual(
      ['.00000002.tmp', '.00000002.tmp/state.json', '00000001', '00000001/state.json'].sort(),
    );
  });

  it('says that a file stands where the folder should', async () => {
    await writeFile(folder, '');
    const error = await failing();
    expect(ResnetError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});
