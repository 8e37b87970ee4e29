import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runResnet } from '../test-support.js';

const colors: Record<string, string> = { ant: '#a02020', bee: '#20a020', cat: '#2020a0' };

let top: string;
let data: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder: top, remove } = await temporaryFolder());
});
afterAll(() => remove());
let number = 0;
beforeEach(() => {
  data = join(top, `data${number++}`);
});

async function image(path: string, background: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await sharp({ create: { height: 32, width: 32, channels: 3, background } }).toFile(path);
}

/** Training images of each class, one color a class. */
async function writeTrain(folder = 'train', count = 4): Promise<void> {
  for (const [name, color] of Object.entries(colors)) {
    for (let place = 0; place < count; place++) await image(join(data, folder, name, `${place}.png`), color);
  }
}

const train = (name: string, ...options: string[]) =>
  runResnet(
    ...[
      'train',
      'resnet20',
      '--recipe',
      'digits',
      '--dataset',
      'folder',
      '--data',
      data,
      '--out',
      top,
      '--name',
      name,
      '--threads',
      '1',
    ],
    ...['--iterations', '2', '--batch-size', '4', '--learning-rate', '0.001', '--json', ...options],
  );

/** Another one must not take the folder for a run. */
async function startsAnew(name: string): Promise<void> {
  const again = await train(name, '--skip-broken');
  expect(again.stderr).not.toMatch(/^error/m);
  expect(again.code).toBe(0);
}

describe('resnet train on folders', { timeout: 300_000 }, () => {
  it('finds validation classes by name, and names those that training does not have', async () => {
    await writeTrain();
    for (const [folder, name] of [
      ['Cat', 'cat'],
      ['bee', 'bee'],
    ] as const) {
      await image(join(data, 'val', folder, '1.png'), colors[name]!);
    }
    const { code, stdout, stderr } = await train(
      'named',
      '--iterations',
      '20',
      '--test-every',
      '20',
      '--learning-rate',
      '0.1',
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/^classes +1 of the test data mapped: Cat to cat; 1 not in the test data: ant$/m);
    const report = JSON.parse(stdout);
    expect(report.testClasses).toEqual({ mapped: [{ name: 'Cat', as: 'cat' }], absent: ['ant'] });
    const weights = join(top, 'named', 'model.safetensors');
    const tested = await runResnet(
      ...['eval', '--weights', weights, '--dataset', 'folder', '--data', data, '--threads', '1', '--json'],
    );
    // The same images with the same network.
    expect(JSON.parse(tested.stdout)).toMatchObject({ count: 2, top1Errors: report.testErrors });

    await image(join(data, 'val', 'dog', '1.png'), '#808080');
    const refused = await train('extra');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("found 1 of 3 that are none: 'dog'.");
    expect(existsSync(join(top, 'extra'))).toBe(false);
  });

  it('leaves broken validation images out with --skip-broken, and else says so and goes on later', async () => {
    await writeTrain();
    await image(join(data, 'val', 'bee', '1.png'), colors.bee!);
    const broken = join(data, 'val', 'bee', '2.png');
    await writeFile(broken, 'no image');
    const lost = join(data, 'val', 'bee', '3.png');
    await symlink('nowhere.png', lost);
    const skipped = await train('skipped', '--skip-broken', '--test-every', '1');
    expect(skipped.code).toBe(0);
    expect(skipped.stderr.match(/^left out: .*$/gm)).toHaveLength(2);
    const { testCount, leftOut } = JSON.parse(skipped.stdout);
    expect(testCount).toBe(1);
    expect(leftOut.broken).toEqual([
      { code: 'IMAGE_INVALID', message: expect.stringContaining(broken) },
      { code: 'FILE_UNREADABLE', message: expect.stringContaining(lost) },
    ]);

    const ended = await train('ended');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('error IMAGE_INVALID: ');
    expect(ended.stderr).toMatch(
      /Leave such images out with --skip-broken: a checkpoint is saved\. Resume with: resnet train .* --skip-broken --resume$/m,
    );
    const resumed = await train('ended', '--skip-broken', '--resume');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ testCount: 1, iterations: 2 });

    const tested = (...options: string[]) =>
      runResnet(
        ...[
          'eval',
          '--weights',
          join(top, 'ended', 'model.safetensors'),
          '--dataset',
          'folder',
          '--data',
          data,
        ],
        ...['--threads', '1', '--json', ...options],
      );
    expect((await tested()).stderr).toContain('Leave such images out with --skip-broken.');
    const { stdout, stderr } = await tested('--skip-broken');
    expect(JSON.parse(stdout)).toMatchObject({ count: 1, broken: [1, 2] });
    expect(stderr).toContain(`left out: '${broken}'`);
    await rm(join(data, 'val', 'bee', '1.png'));
    const none = await tested('--skip-broken');
    expect(none.stderr).toContain('found 2 broken ones');
    expect(none.stderr).not.toContain('Leave such images out');
    await rm(broken);
    expect((await tested()).stderr).toMatch(/^error FILE_UNREADABLE: .*3\.png.* Leave such images out/m);
  });

  it('leaves no run behind where it fails before there is a checkpoint', async () => {
    await writeTrain();
    await image(join(data, 'val', 'bee', '1.png'), colors.bee!);
    for (const name of Object.keys(colors)) await writeFile(join(data, 'train', name, '9.png'), 'no image');
    const failed = await train('failed', '--batch-size', '15', '--tensorboard');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /'.*9\.png' must be an image .*Leave such images out with --skip-broken\.$/m,
    );
    expect(existsSync(join(top, 'failed'))).toBe(false);
    await startsAnew('failed');
    expect((await train('failed')).stderr).toContain('already holds a run');
    // As a start leaves it that was killed.
    await mkdir(join(top, 'killed', 'checkpoints'), { recursive: true });
    await writeFile(join(top, 'killed', 'metrics.jsonl'), '');
    await startsAnew('killed');
  });

  it('splits a folder of classes without parts by --hold-out, the same for every seed', async () => {
    await writeTrain('.');
    await writeFile(join(data, 'notes.txt'), 'a text');
    await writeFile(join(data, 'bee', 'list.csv'), 'a text');
    await symlink(data, join(data, 'cat', 'round'));
    const refused = await train('flat');
    expect(refused.stderr).toContain('found folders of images: ant, bee, cat. Give --hold-out');
    const { code, stdout, stderr } = await train('flat', '--hold-out', '3', '--seed', '5');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^left out +of .*: 1 beside the classes' folders \(notes\.txt\), 1 ending in \.csv \(bee\/list\.csv\), 1 linking to a folder around them \(cat\/round\)$/m,
    );
    const { testCount, architecture, leftOut } = JSON.parse(stdout);
    expect({ testCount, classes: architecture.classes }).toEqual({ testCount: 3, classes: 3 });
    expect(leftOut.train).toHaveLength(3);
    const tested = await runResnet(
      ...['eval', '--weights', join(top, 'flat', 'model.safetensors'), '--dataset', 'folder', '--data', data],
      ...['--threads', '1'],
    );
    expect(tested.stdout).toMatch(/^left out +of .*: 1 beside the classes' folders/m);
    expect(tested.stdout).toContain('of 12 wrong');
  });
});
