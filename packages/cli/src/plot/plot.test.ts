import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runResnet } from '../test-support.js';

let folder: string;
let remove: () => Promise<void>;
/** Runs of 30,000 iterations: residual networks with a checkpoint, and one that has not been tested or saved yet. */
let [residual, again, young]: string[] = [];
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  residual = await writeRun('here/a', 0.08, 'resnet20');
  again = await writeRun('here/b', 0.07, 'resnet20');
  young = await writeRun('young & <new>');
});
afterAll(() => remove());

async function writeRun(
  name: string,
  testError?: number,
  network?: string,
  measures?: object,
): Promise<string> {
  const run = join(folder, name);
  const lines = [1, 2, 3].flatMap((step) => {
    const iteration = 10_000 * step;
    const test = {
      kind: 'test',
      iteration,
      error: testError! + (step === 2 ? -0.01 : 0),
      count: 100,
      measures,
    };
    return [{ kind: 'train', iteration, error: 0.3 / step }, ...(testError === undefined ? [] : [test])];
  });
  await mkdir(join(run, 'checkpoints', '00030000'), { recursive: true });
  await writeFile(join(run, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  if (network) {
    const state = JSON.stringify({ architecture: { name: network } });
    await writeFile(join(run, 'checkpoints', '00030000', 'state.json'), state);
  }
  return run;
}

describe('resnet plot', () => {
  it('draws runs into one SVG, named by network or folder', async () => {
    const out = join(folder, 'new', 'curves.svg');
    const { code, stdout, stderr } = await runResnet('plot', residual!, young!, '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'resnet20       30,000 iterations, test error 8.00 %, lowest 7.00 %',
        'young & <new>  30,000 iterations, not tested yet',
        `written        ${out}`,
        '',
      ].join('\n'),
    );
    const svg = await readFile(out, 'utf8');
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
    for (const text of ['Training and test error', 'resnet20', 'young &amp; &lt;new&gt;', 'iterations (1e4)'])
      expect(svg).toContain(`>${text}</text>`);
  });

  it('draws the mAP of detectors, and refuses them beside networks', async () => {
    const detector = await writeRun('here/detector', 0.4, 'faster-rcnn-resnet20-fpn', { cocoAp: 0.3 });
    const out = join(folder, 'detector.svg');
    const { stdout } = await runResnet('plot', detector, '--out', out);
    expect(stdout).toContain('30,000 iterations, mAP 60.00 %, highest 61.00 %');
    expect(await readFile(out, 'utf8')).toContain('>mAP (%)</text>');
    for (const more of [[residual!], ['--max-error', '20']]) {
      const refused = await runResnet('plot', detector, ...more, '--out', join(folder, 'no.svg'));
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('error OPTION_INVALID') });
    }
  });

  it('draws a PNG, with a title and an end of the axis', async () => {
    const [out, plain] = [join(folder, 'curves.PNG'), join(folder, 'plain.svg')];
    const title = ['--title', 'Residual networks'];
    const { code } = await runResnet('plot', residual!, '--out', out, '--max-error', '20', ...title);
    expect(code).toBe(0);
    expect(await sharp(out).metadata()).toMatchObject({ format: 'png' });
    await runResnet('plot', residual!, '--out', plain, '--max-error', '20', '--smooth', '3', ...title);
    const svg = await readFile(plain, 'utf8');
    expect(svg).toContain('>Residual networks</text>');
    expect(svg).toContain('>20</text>');
    expect(svg).not.toContain('>25</text>');
  });

  it('tells runs of one network apart, and prints JSON', async () => {
    const out = join(folder, 'both.svg');
    const { stdout } = await runResnet('plot', residual!, again!, '--out', out, '--json');
    expect(JSON.parse(stdout)).toEqual({
      runs: [
        {
          label: 'resnet20 (a)',
          folder: residual,
          iterations: 30_000,
          testError: 0.08,
          lowestTestError: 0.07,
        },
        {
          label: 'resnet20 (b)',
          folder: again,
          iterations: 30_000,
          testError: 0.07,
          lowestTestError: expect.closeTo(0.06),
        },
      ],
      out,
    });
  });

  it('says what is wrong with a folder that is no run', async () => {
    const [empty, file, started] = [join(folder, 'empty'), join(folder, 'file'), join(folder, 'started')];
    await mkdir(empty);
    await mkdir(started);
    await writeFile(file, '');
    await writeFile(join(started, 'metrics.jsonl'), '');
    const problems = [
      [empty, `${empty} is no run: it has no metrics.jsonl.`],
      [file, `${file} is a file, not the folder of a run.`],
      [join(folder, 'none'), `${join(folder, 'none')} does not exist.`],
      [started, `${join(started, 'metrics.jsonl')} holds no records.`],
    ] as const;
    for (const [path, message] of problems) {
      const { code, stderr } = await runResnet('plot', residual!, path, '--out', join(folder, 'no.svg'));
      expect(code).toBe(1);
      expect(stderr).toContain(`error DATA_MISSING: ${message}`);
    }
  });

  it('refuses other endings, a run given twice, and more runs than colors', async () => {
    const refused = async (...argv: string[]) => {
      const { code, stderr } = await runResnet('plot', ...argv);
      expect(code).toBe(2);
      expect(stderr).toContain('error OPTION_INVALID: ');
      return stderr;
    };
    expect(await refused(residual!, '--out', 'curves.jpg')).toContain('must end in .svg or .png');
    expect(await refused(residual!, `${residual}/`)).toContain('given twice');
    expect(await refused(residual!, '--max-error', '0')).toContain('above 0 and at most 100');
    const many = await Promise.all(Array.from({ length: 11 }, (_, index) => writeRun(`many/${index}`)));
    expect(await refused(...many)).toContain('10 networks, found 11');
  });
});

describe('without sharp', () => {
  afterEach(() => {
    vi.doUnmock('sharp');
    vi.resetModules();
  });

  it('says what a PNG needs', async () => {
    vi.doMock('sharp', () => {
      throw new Error('no native part');
    });
    const { svgToPng } = await import('../shared/output-files/svg-to-png.js');
    await expect(svgToPng('<svg/>')).rejects.toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('npm install --include=optional sharp'),
    });
  });
});
