import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runResnet, saveBareWeights, temporaryFolder } from '../test-support.js';

let folder: string;
let weights: string;
let photos: string;
let evaluation: string;
let remove: () => Promise<void>;
const normalized = ['--mean', '0.1', '--std', '0.3', '--threads', '1'];
const onDigits = () => ['--weights', weights, '--dataset', 'digits', '--limit', '4', ...normalized];
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  weights = await saveBareWeights(folder);
  photos = join(folder, 'photos', 'a');
  await mkdir(photos, { recursive: true });
  const picture = sharp({ create: { height: 32, width: 32, channels: 3, background: '#336699' } });
  await picture.toFile(join(photos, 'cat.jpg'));
  evaluation = join(folder, 'part.json');
  await runResnet('eval', ...onDigits(), '--out', evaluation);
  await mkdir(join(folder, 'run'));
  const record = { kind: 'train', iteration: 1, error: 0.5 };
  await writeFile(join(folder, 'run', 'metrics.jsonl'), `${JSON.stringify(record)}\n`);
});
afterAll(() => remove());

let there: string;
beforeEach(async () => {
  there = await mkdtemp(join(folder, 'there-'));
});
afterEach(() => rm(there, { recursive: true }));

/** Commands that write, by the name of what they write. */
const commands: [name: string, argv: (place: string) => string[]][] = [
  [
    'cat.png',
    (place) => ['predict', join(photos, 'cat.jpg'), '--weights', weights, '--cam', place, ...normalized],
  ],
  [
    'cam.png',
    (place) => [
      'predict',
      join(photos, 'cat.jpg'),
      '--weights',
      weights,
      '--cam',
      join(place, 'cam.png'),
      ...normalized,
    ],
  ],
  ['model.safetensors', (place) => ['convert', weights, join(place, 'model.safetensors')]],
  ['model.onnx', (place) => ['convert', weights, join(place, 'model.onnx')]],
  ['curves.svg', (place) => ['plot', join(folder, 'run'), '--out', join(place, 'curves.svg')]],
  ['sheet.png', (place) => ['data', 'show', dirname(photos), '--out', join(place, 'sheet.png')]],
  ['figure7.svg', (place) => ['responses', ...onDigits(), '--out', join(place, 'figure7.svg')]],
  ['eval.json', (place) => ['eval', ...onDigits(), '--out', join(place, 'eval.json')]],
  ['index.html', (place) => ['eval', ...onDigits(), '--report', place]],
  ['whole.json', (place) => ['eval', 'merge', evaluation, '--out', join(place, 'whole.json')]],
];

describe('a command that writes', () => {
  it.each(commands)('%s replaces nothing that is there, unless it is forced to', async (name, argv) => {
    const path = join(there, name);
    await writeFile(path, 'theirs');
    const refused = await runResnet(...argv(there));
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`FILE_UNWRITABLE: ${path} is there already.`),
    });
    expect(refused.stderr).toContain('--force');
    expect(await readFile(path, 'utf8')).toBe('theirs');

    const forced = await runResnet(...argv(there), '--force');
    expect(forced).toMatchObject({ code: 0 });
    expect(await readFile(path, 'utf8')).not.toBe('theirs');
  });

  it.each(commands)('%s follows no link, and replaces no device', async (name, argv) => {
    const [path, theirs] = [join(there, name), join(there, 'theirs')];
    await writeFile(theirs, 'theirs');
    await symlink(theirs, path);
    expect((await runResnet(...argv(there))).code).toBe(1);
    expect((await runResnet(...argv(there), '--force')).code).toBe(0);
    expect(await readFile(theirs, 'utf8')).toBe('theirs');
    if (process.platform === 'win32') return;
    await rm(path);
    // A pipe stands for all devices: code that fails here would replace a real one.
    const pipe = join(there, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await symlink(pipe, path);
    expect(await runResnet(...argv(there), '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no regular file'),
    });
    expect((await stat(pipe)).isFIFO()).toBe(true);
  });
});
