import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagePaths } from './predict/image-paths.js';
import { runResnet } from './test-support.js';

// Numbers and files that a command line may be given, and that must not hold it.

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

async function run(...args: string[]) {
  const before = performance.now();
  const { arrayBuffers } = process.memoryUsage();
  const result = await runResnet(...args);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 ** 28);
  return result;
}

let runs = 0;
async function written(metrics: string, name = `run-${runs++}`): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'metrics.jsonl'), metrics);
  return path;
}

describe('numbers without end', () => {
  it.each([
    [['summary', 'resnet20', '--classes', '1e9']],
    [['summary', 'vgg19', '--classes', '1e6']],
    [['summary', 'resnet50', '--in-channels', '1e8']],
    [['summary', 'resnet50', '--classes', '9007199254740991']],
  ])('are refused: %j', async (args) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toMatch(/error OPTION_INVALID: .+ would have \d\S* parameters/);
    expect(code).toBe(2);
  });
});

describe('the log of a run', () => {
  const test = (iteration: unknown, error: unknown = 0.5) =>
    `${JSON.stringify({ kind: 'test', iteration, error, epoch: 1, loss: 1, count: 9 })}\n`;
  const out = () => join(folder, 'curves.svg');

  it('may lack iterations and errors', async () => {
    const missing = `${JSON.stringify({ kind: 'train' })}\nnull\n5\n[]\n"text"\n`;
    const odd = [test(null), test(-1), test(1.5), test('9'), test(5, null), test(5, 'x'), test(1e300)].join(
      '',
    );
    const bad = await written(missing + odd);
    expect(await run('plot', bad, '--out', out(), '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error DATA_MISSING'),
    });
    const some = await written(missing + odd + test(7));
    const { code, stdout } = await run('plot', some, '--out', out(), '--force');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('7 iterations, test error 50'),
    });
    expect(await readFile(out(), 'utf8')).not.toMatch(/NaN|undefined/);
  });

  it('may have 150,000 tests', async () => {
    const many = await written(Array.from({ length: 150_000 }, (_, index) => test(index)).join(''));
    expect((await run('plot', many, '--out', out(), '--force')).code).toBe(0);
  }, 30_000);

  it('is refused where it has no end', async () => {
    const lines = await written(test(1) + '\n'.repeat(2 ** 25));
    const bytes = await written(test(1) + ' '.repeat(2 ** 26));
    for (const path of [lines, bytes]) {
      const { code, stderr } = await run('plot', path, '--out', out(), '--force');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('error FILE_UNREADABLE') });
    }
  });

  it.skipIf(process.platform === 'win32')('may have any name, and is a file', async () => {
    const name = 'odd\u0001\u001b[31m\u0008\ufffe & <x>';
    const odd = await written(test(7), name);
    expect((await run('plot', odd, '--title', '\u0000title\u000b', '--out', out(), '--force')).code).toBe(0);
    const svg = await readFile(out(), 'utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML may not have.
    expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    for (const kind of ['pipe', 'zero']) {
      const path = join(folder, kind);
      await mkdir(path);
      const metrics = join(path, 'metrics.jsonl');
      if (kind === 'pipe') execFileSync('mkfifo', [metrics]);
      else await symlink('/dev/zero', metrics);
      expect(await run('plot', path, '--out', out(), '--force')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/error FILE_UNREADABLE: .+ a pipe or a device/),
      });
    }
  });

  it.skipIf(process.platform === 'win32')('stands beside a checkpoint that is no file', async () => {
    const path = await written(test(7), 'with-pipe');
    const checkpoint = join(path, 'checkpoints', '00000007');
    await mkdir(checkpoint, { recursive: true });
    execFileSync('mkfifo', [join(checkpoint, 'state.json')]);
    expect((await run('plot', path, '--out', out(), '--force')).code).toBe(0);
  });
});

describe('a folder', () => {
  it('may have 150,000 images', async () => {
    const many = join(folder, 'many');
    await mkdir(many);
    for (let image = 0; image < 150_000; image++) writeFileSync(join(many, `${image}.jpg`), '');
    expect((await imagePaths([many])).paths).toHaveLength(150_000);
  }, 60_000);
});

describe.skipIf(process.platform === 'win32')('pipes', () => {
  it('are no recipe, no names, no weights, no evaluation', async () => {
    const pipe = join(folder, 'pipe.json');
    execFileSync('mkfifo', [pipe, join(folder, 'config.json')]);
    const weights = join(folder, 'x.safetensors');
    await writeFile(weights, 'no weights');
    for (const args of [
      ['eval', 'merge', pipe],
      ['train', 'resnet20', '--dataset', 'digits', '--recipe', pipe],
      ['convert', pipe, join(folder, 'y.safetensors')],
      ['convert', weights, join(folder, 'y.safetensors')],
    ]) {
      const { code, stderr } = await run(...args);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/error (FILE_UNREADABLE|OPTION_INVALID|WEIGHTS_INVALID): (?!required)/);
    }
  }, 60_000);
});
