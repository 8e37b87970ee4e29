import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvaluationFile } from '@resnet/eval';
import { realCifar10, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.js';
import { realWeights, runResnet, saveBareWeights, TextStream } from '../test-support.js';

let folder: string;
let weights: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  weights = await saveBareWeights(folder);
});
afterAll(() => remove());

const digits = (...options: string[]) =>
  ['eval', '--weights', weights, '--dataset', 'digits', '--limit', '20', '--threads', '1'].concat(options);

/** A signal that fires when it has been looked at so often: at the same place in every run. */
function abortedAfter(looks: number): AbortSignal {
  let looked = 0;
  const { signal } = new AbortController();
  return Object.defineProperty(signal, 'aborted', { get: () => looked++ >= looks });
}

describe('resnet eval', () => {
  it('counts the same errors on ONNX Runtime, and refuses engines that are none', async () => {
    const normalized = digits('--mean', '0.1', '--std', '0.3', '--json');
    const errors = async (engine: string) => {
      const { code, stdout } = await runResnet(...normalized, '--engine', engine);
      expect(code).toBe(0);
      return (JSON.parse(stdout) as { top1Errors: number }).top1Errors;
    };
    expect(await errors('onnxruntime')).toBe(await errors('tfjs'));
    const { code, stderr } = await runResnet(...normalized, '--engine', 'tfsj');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("Did you mean 'tfjs'?") });
  });

  it('asks for the normalization that the weights do not tell, and takes it', async () => {
    const refused = await runResnet(...digits());
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('error OPTION_INVALID: ');
    expect(refused.stderr).toContain('Pass --mean a --std a');

    const { code, stdout, stderr } = await runResnet(...digits('--mean', '0.1', '--std', '0.3'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^network +plain20: .+ no shortcuts, images of 32 × 32 × 1, 10 classes; by the file’s own description$/m,
    );
    expect(stdout).toMatch(/^normalized by +mean 0\.1; standard deviation 0\.3, as --mean and --std say$/m);
    expect(stdout).toMatch(/^data +Digits test, 20 images$/m);
    expect(stdout).toMatch(/^view +single view$/m);
    expect(stdout).toMatch(
      /^top-1 error +\d+\.\d\d % {2}\(\d+ of 20 wrong\), 95 % interval \d+\.\d\d % to \d+\.\d\d %$/m,
    );
    expect(stdout).toMatch(/^speed +.+ images\/s$/m);
  });

  it.each([
    [['--mean', '0.1'], 'belong together'],
    [['--mean', '0.1,0.2', '--std', '0.3'], 'as many numbers'],
    [['--mean', '0.1', '--std', '0'], '--std must be above 0'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await runResnet(...digits(...options));
    expect(code).toBe(2);
    expect(stderr).toContain('error OPTION_INVALID: ');
    expect(stderr).toContain(message);
  });

  it('names what differs where the weights are not those of the network named', async () => {
    const { code, stderr } = await runResnet(...digits('--model', 'resnet32'));
    expect(code).toBe(1);
    expect(stderr).toContain('error WEIGHTS_MISMATCH: ');
  });

  it('stops when it is interrupted', async () => {
    const io = { stdout: new TextStream(), stderr: new TextStream() };
    const argv = digits('--mean', '0.1', '--std', '0.3', '--json');
    expect(await run(argv, { ...io, signal: AbortSignal.abort() })).toBe(130);
    expect(JSON.parse(io.stdout.text).error.code).toBe('ABORTED');
  });

  it('goes on after an interruption, and adds up shards to the whole', async () => {
    const normalized = digits('--mean', '0.1', '--std', '0.3', '--batch-size', '3');
    const file = (name: string) => join(folder, name);
    const found = async (name: string) => {
      const { evaluation, ...rest } = parseEvaluationFile(await readFile(file(name), 'utf8'), name);
      return { ...rest, evaluation: { ...evaluation, seconds: 0 } };
    };
    expect(await runResnet(...normalized, '--out', file('whole.json'))).toMatchObject({
      code: 0,
      stderr: '',
    });

    const io = { stdout: new TextStream(), stderr: new TextStream() };
    const argv = [...normalized, '--out', file('stopped.json')];
    expect(await run(argv, { ...io, signal: abortedAfter(3) })).toBe(130);
    expect(io.stderr.text).toContain('Resume with: resnet eval ');
    const { evaluation } = await found('stopped.json');
    expect(evaluation.count).toBeGreaterThan(0);
    expect(evaluation.count).toBeLessThan(20);
    const refused = await runResnet(...argv);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('is there already'),
    });
    const other = await runResnet(...argv, '--resume', '--mean', '0.2');
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/something else.*\n {2}normalized by: mean 0\.1; .* there, mean 0\.2;/);
    expect((await runResnet(...argv, '--resume')).code).toBe(0);
    expect(await found('stopped.json')).toEqual(await found('whole.json'));

    const parts = ['0/3', '1/3', '2/3'].map((shard) => ({ shard, name: `part${shard[0]}.json` }));
    for (const { shard, name } of parts) {
      expect((await runResnet(...normalized, '--shard', shard, '--out', file(name))).code).toBe(0);
    }
    const paths = parts.map(({ name }) => file(name));
    const some = await runResnet('eval', 'merge', paths[2]!, paths[0]!);
    expect(some.stdout).toMatch(/^missing +images 6 to 12$/m);
    const merged = await runResnet('eval', 'merge', ...paths, '--out', file('merged.json'), '--json');
    expect(merged.code).toBe(0);
    expect(JSON.parse(merged.stdout)).toMatchObject({ count: 20, total: 20, missing: [] });
    expect(await found('merged.json')).toEqual(await found('whole.json'));
    const twice = await runResnet('eval', 'merge', paths[0]!, ...paths);
    expect(twice.stderr).toContain('in more than one of the evaluations');
    await runResnet(...digits('--mean', '0.2', '--std', '0.3', '--out', file('other.json')));
    const mixed = await runResnet('eval', 'merge', paths[0]!, file('other.json'));
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toMatch(
      /not of the same:\n {2}normalized by: mean 0\.1; .*part0\.json, mean 0\.2; /,
    );
    await writeFile(file('long.json'), ' '.repeat(2 ** 23));
    const broken = await runResnet('eval', 'merge', file('long.json'), file('none.json'));
    expect(broken.stderr, 'the first file, though the second fails sooner').toContain('long.json');
  });

  it('tests several weights as an ensemble, in memory or in turn, and writes a page', async () => {
    const normalized = [
      '--dataset',
      'digits',
      '--limit',
      '20',
      '--threads',
      '1',
      '--mean',
      '0.1',
      '--std',
      '0.3',
    ];
    const result = async (...options: string[]) => {
      const { code, stdout } = await runResnet('eval', '--json', ...normalized, ...options);
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    const alone = await result('--weights', weights);
    const report = join(folder, 'report');
    const twice = await result('--weights', weights, weights, '--report', report);
    expect(twice.networks).toHaveLength(2);
    expect(twice.top1Errors).toBe(alone.top1Errors);
    expect(twice.loss).toBeCloseTo(alone.loss, 6);
    expect(await readFile(join(report, 'index.html'), 'utf8')).toContain('data:image/png');
    const inTurn = await result('--weights', weights, weights, '--in-turn');
    expect(inTurn.loss).toBe(twice.loss);
  });

  it.each([
    [['--view', '12-crop'], "Did you mean '10-crop'?"],
    [['--scales', '224'], '--scales belongs to --view multi-scale'],
    [['--view', 'multi-scale', '--scales', '16'], 'at least 32'],
    [['--average', 'median'], 'average'],
    [['--shard', '3/3'], 'It must be i/n'],
    [['--resume'], 'Give --out too'],
    [['--real-labels', 'none.json'], 'none.json'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await runResnet(...digits('--mean', '0.1', '--std', '0.3', ...options));
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
  });

  it('takes lists of labels', async () => {
    const path = join(folder, 'labels.json');
    const normalized = digits('--mean', '0.1', '--std', '0.3', '--json', '--real-labels', path);
    const all = Array.from({ length: 20 }, (_, index) => (index < 5 ? [] : [...Array(10).keys()]));
    await writeFile(path, JSON.stringify(all));
    const { stdout } = await runResnet(...normalized);
    const told = JSON.parse(stdout);
    expect(told.realLabels).toEqual({ count: 15, top1Errors: 0 });
    expect(told.realLabelsBy).toMatch(/^by the order of the images, whose names tell no numbers; SHA-256 /);
    for (const [text, message] of [
      ['[[1],"2"]', 'a list of lists'],
      ['[[1]]', '1 lists'],
      ['{', 'not JSON'],
    ] as const) {
      await writeFile(path, text);
      expect(await runResnet(...normalized.filter((word) => word !== '--json'))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(message),
      });
    }
  });

  it('shows a bar on a terminal', async () => {
    const stderr = Object.assign(new TextStream(), { isTTY: true });
    const stdout = new TextStream();
    await run(digits('--mean', '0.1', '--std', '0.3', '--json'), { stdout, stderr });
    expect(stderr.text).toMatch(/\[=+\] 20\/20 images {2}error/);
    expect(JSON.parse(stdout.text)).toMatchObject({ count: 20 });
  });
});

const cifar10 = await realCifar10();
const real = realWeights();
const missing = 'missing' in real ? real.missing : 'missing' in cifar10 ? cifar10.missing : undefined;
const reason = missing === undefined ? '' : ` (skipped: ${missing})`;

describe('resnet eval on published weights', () => {
  it.skipIf(missing !== undefined)(`tells the network and counts its errors${reason}`, async () => {
    const { path } = real as { path: string };
    const { folder: data } = cifar10 as { folder: string };
    const argv = ['eval', '--weights', path, '--dataset', 'cifar10', '--data', data, '--limit', '200'];
    const { code, stdout } = await runResnet(...argv, '--json');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      networks: [
        {
          architecture: { name: 'resnet20', shortcut: 'A' },
          origin: 'the tensors’ names and shapes',
          normalization: expect.stringMatching(
            /^mean 0.485, 0.456, 0.406; standard deviation 0.229, 0.224, 0.225, by .*akamaster.* ImageNet$/,
          ),
        },
      ],
      data: 'CIFAR-10 test',
      count: 200,
    });
    expect(result.top1Error).toBe(result.top1Errors / 200);
    // On all 10,000 images it is 8.27 %.
    expect(result.top1Error).toBeGreaterThan(0.02);
    expect(result.top1Error).toBeLessThan(0.15);
  });
});
