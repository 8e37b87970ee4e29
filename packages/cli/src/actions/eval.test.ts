import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.js';
import {
  realCifar10,
  realWeights,
  runResnet,
  saveBareWeights,
  TextStream,
  temporaryFolder,
} from '../test-support.js';

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

  it('asks for the normalisation that the weights do not tell, and takes it', async () => {
    const refused = await runResnet(...digits());
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('error OPTION_INVALID: ');
    expect(refused.stderr).toContain('Pass --mean a --std a');

    const { code, stdout, stderr } = await runResnet(...digits('--mean', '0.1', '--std', '0.3'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^network +plain20: .+ no shortcuts, images of 32 × 32 × 1, 10 classes; by the file’s own description$/m,
    );
    expect(stdout).toMatch(/^normalised by +mean 0\.1; standard deviation 0\.3, as --mean and --std say$/m);
    expect(stdout).toMatch(/^data +Digits test, 20 images$/m);
    expect(stdout).toMatch(/^top-1 error +\d+\.\d\d % {2}\(\d+ of 20 wrong\)$/m);
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
      architecture: { name: 'resnet20', shortcut: 'A' },
      origin: 'the tensors’ names and shapes',
      normalization: expect.stringMatching(
        /^mean 0.485, 0.456, 0.406; standard deviation 0.229, 0.224, 0.225, by .*akamaster.* ImageNet$/,
      ),
      data: 'CIFAR-10 test',
      count: 200,
    });
    expect(result.top1Error).toBe(result.top1Errors / 200);
    // On all 10,000 images it is 8.27 %.
    expect(result.top1Error).toBeGreaterThan(0.02);
    expect(result.top1Error).toBeLessThan(0.15);
  });
});
