import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runResnet, saveBareWeights } from '../../test-support.js';

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
const commands: [name: string, argv: (out: string) => string[]][] = [
  [
    'cat.png',
    (out) => ['predict', join(photos, 'cat.jpg'), '--weights', weights, '--cam', out, ...normalized],
  ],
  [
    'cam.png',
    (out) => [
      'predict',
      join(photos, 'cat.jpg'),
      '--weights',
      weights,
      '--cam',
      join(out, 'cam.png'),
      ...normalized,
    ],
  ],
  ['model.safetensors', (out) => ['convert', weights, join(out, 'model.safetensors')]],
  ['model.onnx', (out) => ['convert', weights, join(out, 'model.onnx')]],
  ['curves.svg', (out) => ['plot', join(folder, 'run'), '--out', join(out, 'curves.svg')]],
  ['sheet.png', (out) => ['data', 'show', dirname(photos), '--out', join(out, 'sheet.png')]],
  ['figure7.svg', (out) => ['responses', ...onDigits(), '--out', join(out, 'figure7.svg')]],
  ['eval.json', (out) => ['eval', ...onDigits(), '--out', join(out, 'eval.json')]],
  ['index.html', (out) => ['eval', ...onDigits(), '--report', out]],
  ['whole.json', (out) => ['eval', 'merge', evaluation, '--out', join(out, 'whole.json')]],
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
