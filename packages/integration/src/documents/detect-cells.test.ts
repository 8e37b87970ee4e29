import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readVoc } from '@resnet/data/node';
import { sharedData, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../../../examples/detect-cells/dist/main.js');
const photographs = join(sharedData, 'bccd');
const noPhotographs = existsSync(photographs) ? '' : ' (skipped: needs bccd in the shared data)';

const { folder, remove } = await temporaryFolder();
afterAll(remove);

const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

describe('examples/detect-cells', () => {
  it('finds nothing where nothing is, and draws the picture', async () => {
    const [blank, out] = [join(folder, 'blank.png'), join(folder, 'found.png')];
    const white = { width: 640, height: 480, channels: 3, background: '#f8eef0' } as const;
    await sharp({ create: white }).png().toFile(blank);
    const { stdout } = await run(blank, '--out', out);
    expect(stdout).toContain(`${blank}: 0 Platelets, 0 RBC, 0 WBC\n`);
    expect(await sharp(out).metadata()).toMatchObject({ format: 'png', width: 640, height: 480 });
    // Neither is an older picture replaced.
    await expect(run(blank, '--out', out)).rejects.toMatchObject({
      stderr: expect.stringContaining('EEXIST'),
    });
  });

  it('says what is wrong', async () => {
    await expect(run(join(folder, 'none.png'))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error FILE_UNREADABLE'),
    });
    await expect(run()).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Give photographs'),
    });
  });

  it.skipIf(noPhotographs)(
    `counts cells that it has not learned from nearly as people did${noPhotographs}`,
    { timeout: 120_000 },
    async () => {
      const test = await readVoc(photographs, { part: 'test' });
      const indices = [0, 10, 20, 30, 40, 50];
      const names = indices.map((index) => join(photographs, 'JPEGImages', `${test.imageName(index)}.jpg`));
      const { stdout } = await run(...names);
      const lines = stdout.trim().split('\n');
      let [wrong, all] = [0, 0];
      for (const [row, index] of indices.entries()) {
        const counted = [...lines[row]!.matchAll(/(\d+) (Platelets|RBC|WBC)/g)];
        for (const [, count, name] of counted) {
          const label = test.classes.indexOf(name!);
          const people = [...test.objects(index).labels].filter((each) => each === label).length;
          wrong += Math.abs(Number(count) - people);
          all += people;
        }
      }
      expect(all).toBeGreaterThan(50);
      expect(wrong / all).toBeLessThan(0.25);
    },
  );
});
