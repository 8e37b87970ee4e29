import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { temporaryFolder } from '@resnet/testing';
import { create } from '@resnet/zoo';
import { saveModel } from '@resnet/zoo/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.js';
import { runResnet, TextStream } from '../test-support.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const settings = (name: string, iterations: number) =>
  ['train', '--dataset', 'digits', '--batch-size', '8', '--threads', '1', '--out', folder].concat(
    ['--name', name],
    ['--iterations', String(iterations)],
  );

describe('resnet train', () => {
  it('takes every name that create of the zoo takes, and no other', async () => {
    const [command, ...options] = settings('other-depth', 1);
    const { code, stdout } = await runResnet(command!, 'resnet8-cifar', ...options, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ architecture: { name: 'resnet8-cifar' } });
    expect(code).toBe(0);
    const refused = await runResnet(command!, 'resnet9-cifar', ...options);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('error OPTION_INVALID');
  });

  it('tells what it will do, trains, and tells what came out; then goes on with --resume', async () => {
    const first = await runResnet(...settings('short', 2), '--seed', '5', '--milestones', '1');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    for (const line of [
      /^network +resnet20: 269,434 parameters, shortcuts A, images of 32 × 32 × 1, 10 classes$/m,
      /^data +Digits train, 9,000 images; Digits test, 1,000 images$/m,
      /^recipe +digits: 2 iterations of 8 images, 0\.0 epochs$/m,
      /^ +learning rate 0\.1, times 0\.1 at iterations 1$/m,
      /^ +momentum 0\.9, weight decay 0\.0001, augmentation none, seed 5$/m,
      /^device +WebAssembly, 1 thread/m,
      /^2 of 2 {2}train {2}loss \d/m,
      /^2 of 2 {2}test {3}loss \d/m,
      /^test error +\d+\.\d\d % {2}\(\d+ of 1,000 wrong\)$/m,
    ]) {
      expect(first.stdout).toMatch(line);
    }
    const weights = join(folder, 'short', 'model.safetensors');
    expect(first.stdout).toContain(`written     ${weights}\n`);
    expect(existsSync(weights)).toBe(true);

    const again = await runResnet(...settings('short', 2), '--seed', '5', '--milestones', '1');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('error OPTION_INVALID: ');
    expect(again.stderr).toContain('already holds a run');

    const other = await runResnet(...settings('short', 3), '--seed', '6', '--resume');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('error CHECKPOINT_MISMATCH: ');

    const resumed = await runResnet(
      ...settings('short', 3),
      ...['--seed', '5', '--milestones', '1', '--resume', '--json'],
    );
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/^3 of 3 {2}train/m);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      folder: join(folder, 'short'),
      iterations: 3,
      testCount: 1000,
      recipe: { name: 'digits', seed: 5, schedule: { kind: 'steps', milestones: [1], factor: 0.1 } },
      architecture: { name: 'resnet20', inChannels: 1, shortcut: 'A' },
    });
  });

  it('trains on folders of images, from weights of other classes, by any recipe', {
    timeout: 60_000,
  }, async () => {
    for (const part of ['train', 'val']) {
      for (const [name, background] of [
        ['dark', '#102030'],
        ['light', '#d0e0f0'],
      ] as const) {
        await mkdir(join(folder, 'photos', part, name), { recursive: true });
        const file = join(folder, 'photos', part, name, '1.png');
        await sharp({ create: { height: 260, width: 300, channels: 3, background } }).toFile(file);
      }
    }
    await writeFile(join(folder, 'photos', 'train', 'dark', '2.png'), 'no image');
    const weights = join(folder, 'resnet18.safetensors');
    const backend = await useBackend('wasm', { threads: 1 });
    const network = create('resnet18', { classes: 5 });
    await saveModel(weights, { network });
    network.dispose();
    await backend.dispose();
    const photos = [
      'train',
      'resnet18',
      '--dataset',
      'folder',
      '--data',
      join(folder, 'photos'),
      '--out',
      folder,
    ];
    const { code, stdout, stderr } = await runResnet(
      ...photos,
      ...['--name', 'tuned', '--weights', weights, '--recipe', 'finetune', '--iterations', '1'],
      ...['--batch-size', '3', '--set', 'warmup=null', '--workers', '1', '--skip-broken', '--json'],
    );
    expect({ code, stderr: stderr.match(/error.*/)?.[0] }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/^left out: .*2\.png/m);
    expect(stderr).toMatch(/^ +the classifier is new: the weights' 5 are not those of the data$/m);
    expect(JSON.parse(stdout)).toMatchObject({
      architecture: { name: 'resnet18', classes: 2 },
      testCount: 2,
      recipe: { name: 'finetune', warmup: null },
    });
    const wrong = await runResnet(...photos, '--name', 'small', '--recipe', 'cifar10-paper');
    expect(wrong.stderr).toContain('error OPTION_INVALID: ');
  });

  it('tests with held-out training images while one chooses', async () => {
    const { code, stdout } = await runResnet(...settings('held', 1), '--hold-out', '900');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^data +Digits train \(without the held-out images\), 8,100 images; Digits train \(held out\), 900 images$/m,
    );
  });

  it('stops when it is interrupted, with a checkpoint, and tells how to go on', async () => {
    const interruption = new AbortController();
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    stdout.onText = () => {
      if (stdout.text.includes('20 of 400')) interruption.abort();
    };
    const argv = settings('stopped', 400);
    const code = await run(argv, { stdout, stderr, signal: interruption.signal });
    expect(code).toBe(130);
    expect(stderr.text).toMatch(/^Interrupted: .+\nerror ABORTED: /);
    expect(stderr.text).toContain(`Resume with: resnet ${argv.join(' ')} --resume\n`);
    expect(existsSync(join(folder, 'stopped', 'checkpoints', '00000020', 'state.json'))).toBe(true);
  });

  it('says that training diverged, with exit code 1', async () => {
    const { code, stderr } = await runResnet(...settings('wild', 5), '--learning-rate', '1e30');
    expect(code).toBe(1);
    expect(stderr).toContain('error LOSS_NOT_FINITE: ');
  });

  it('says that it cannot write, before it trains', async () => {
    await writeFile(join(folder, 'file'), '');
    const { code, stderr } = await runResnet(...settings(join('file', 'run'), 5));
    expect(code).toBe(1);
    expect(stderr).toContain('error FILE_UNWRITABLE: ');
  });
});
