import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { useBackend } from '@resnet/backend';
import { type FakeServer, json, sha256, startServer, temporaryFolder, whole } from '@resnet/testing';
import { create, writeSafetensors } from '@resnet/zoo';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runResnet } from '../../test-support.js';

let folder: string;
let remove: () => Promise<void>;
let image: string;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  image = join(folder, 'red.png');
  const red = { width: 32, height: 32, channels: 3, background: 'red' } as const;
  await sharp({ create: red }).png().toFile(image);
});
afterAll(() => remove());
afterEach(() => vi.unstubAllEnvs());

const cpu = ['--backend', 'cpu'];
const fixtures = resolve(import.meta.dirname, '../../../../zoo/fixtures/checkpoints');

/** A command line of each command that takes weights. */
const commandsWith = (weights: string): string[][] => [
  ['predict', image, '--weights', weights, ...cpu],
  ['eval', '--weights', weights, '--dataset', 'digits', '--limit', '1', ...cpu],
  ['train', 'resnet20', '--weights', weights, '--dataset', 'digits', '--out', join(folder, 'runs'), ...cpu],
  ['convert', weights, join(folder, 'out.safetensors')],
  ['responses', '--weights', weights, '--dataset', 'digits', '--limit', '1', ...cpu],
  ['paper', '--table', '6', '--weights', weights, ...cpu],
];

/** The bytes of a ResNet-20 as somebody has published it. */
async function published(): Promise<Uint8Array> {
  const backend = await useBackend('cpu');
  const network = create('resnet20', { shortcut: 'B', seed: 3 });
  const bytes = writeSafetensors(await network.stateDict(), { format: 'pt' });
  network.dispose();
  backend.dispose();
  return bytes;
}

describe('weights by name', () => {
  it('takes the file of an installed package', async () => {
    const { code, stdout, stderr } = await runResnet(
      'predict',
      image,
      '--weights',
      '@resnet/weights-cifar10',
      '--json',
      ...cpu,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { architecture, notes, images } = JSON.parse(stdout);
    expect(architecture).toMatchObject({ name: 'resnet20', classes: 10 });
    expect(notes).toEqual([]);
    expect(images[0].classes).toHaveLength(5);
  });

  it('knows them in every command', async () => {
    for (const command of commandsWith('resnet21')) {
      const { code, stderr } = await runResnet(...command);
      expect({ command, code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /error FILE_UNREADABLE: There is no file 'resnet21'\. .+resnet18, resnet34/,
        ),
      });
    }
    for (const command of commandsWith('@resnet/no-such-weights')) {
      const { stderr } = await runResnet(...command);
      expect(stderr).toContain('error PACKAGE_MISSING: The package @resnet/no-such-weights is not installed');
    }
  });

  it('takes a file before a name, and no path for a repository', async () => {
    const file = join(folder, 'typing-error', 'model');
    expect((await runResnet('convert', file, join(folder, 'out.onnx'))).stderr).toContain(
      'error FILE_UNREADABLE',
    );
    await mkdir(join(folder, 'typing-error'));
    await writeFile(file, 'no weights');
    expect((await runResnet('convert', file, join(folder, 'out.onnx'))).stderr).toContain(
      'error WEIGHTS_INVALID',
    );
  });

  it('fetches a repository of the hub once, and needs no network afterwards', async () => {
    const bytes = await published();
    const hub: FakeServer = await startServer();
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('RESNET_CACHE', join(folder, 'cache'));
    const lfs = { size: bytes.length, sha256: sha256(bytes) };
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const described = json({ sha: commit, siblings: [{ rfilename: 'model.safetensors', lfs }] });
    hub.answers = [described, whole(bytes), described];
    const to = join(folder, 'fetched.safetensors');
    const args = [
      'convert',
      'someone/cifar',
      to,
      '--json',
      '--mean',
      '0.5,0.5,0.5',
      '--std',
      '1,1,1',
      '--force',
    ];
    const first = await runResnet(...args);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('Downloading someone/cifar, ') });
    expect(JSON.parse(first.stdout)).toMatchObject({ architecture: { name: 'resnet20', shortcut: 'B' } });
    expect(await runResnet(...args)).toMatchObject({ code: 0, stderr: '' });
    expect(hub.requests.filter(({ url }) => url.includes('/resolve/'))).toHaveLength(1);
    await hub.close();
    expect(await runResnet(...args)).toMatchObject({ code: 0, stderr: '' });
  }, 60_000);

  it('says offline which file to put where', async () => {
    const closed = await startServer();
    await closed.close();
    vi.stubEnv('HF_ENDPOINT', closed.url);
    const cache = join(folder, 'empty-cache');
    vi.stubEnv('RESNET_CACHE', cache);
    const to = join(folder, 'offline.safetensors');
    const [pinned, asked] = await Promise.all([
      runResnet('convert', 'resnet18', to),
      runResnet('convert', 'resnet101', to),
    ]);
    expect(pinned.code).toBe(1);
    expect(pinned.stderr).toContain('error DOWNLOAD_FAILED: ');
    expect(pinned.stderr).toContain(`fetch ${closed.url}/timm/resnet18.tv_in1k/resolve/`);
    expect(pinned.stderr).toContain(
      `put it at ${cache}/694f673df6520a3158624e8a89af086f59923ee4cd7436fe5bc3bc71d295ad81-model`,
    );
    expect(asked.stderr).toContain(
      `fetch ${closed.url}/timm/resnet101.tv_in1k/resolve/main/model.safetensors elsewhere and open that file by its path`,
    );
  }, 60_000);
});

describe('weights that leave something open', () => {
  it('lets --key choose among several dicts of tensors', async () => {
    const file = join(folder, 'two.pt');
    await copyFile(join(fixtures, 'two-dicts.pt'), file);
    const several = await runResnet('predict', image, '--weights', file, ...cpu);
    expect(several.stderr).toContain(
      'several dicts of tensors: "model" (6 tensors), "model_ema" (7 tensors)',
    );
    expect(several.stderr).toContain('--key');
    // What is chosen is of no network of this project, which is seen one step later.
    const chosen = await runResnet('predict', image, '--weights', file, '--key', 'model', ...cpu);
    expect(chosen.stderr).toContain('error WEIGHTS_MISMATCH: ');
    const unknown = await runResnet('predict', image, '--weights', file, '--key', 'x', ...cpu);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('error UNKNOWN_NAME: ') });
  });

  it('says once what was taken off and guessed, also in --json, and asks for what nothing tells', async () => {
    const backend = await useBackend('cpu');
    const network = create('resnet20', { seed: 3 });
    const state = await network.stateDict();
    network.dispose();
    backend.dispose();
    const named = (prefix: string, last: string) =>
      new Map([...state].map(([name, tensor]) => [`${prefix}${name.replace('fc.', last)}`, tensor]));
    const guessed = join(folder, 'guessed.safetensors');
    await writeFile(guessed, writeSafetensors(named('module.', 'linear.')));
    const { code, stdout, stderr } = await runResnet(
      'predict',
      image,
      '--weights',
      guessed,
      '--json',
      ...cpu,
    );
    expect(code).toBe(0);
    const { notes } = JSON.parse(stdout);
    expect(notes[0]).toBe('"module." is taken off all 97 names');
    expect(notes.at(-2)).toContain('how images are normalized is a guess');
    const ofClasses = "the weights name no classes: they are taken for CIFAR-10's";
    expect(notes.at(-1)).toBe(ofClasses);
    const ofWeights = notes.slice(0, -1).join('; ');
    expect(stderr).toBe(`note: ${guessed}: ${ofWeights}.\nnote: ${guessed}: ${ofClasses}.\n`);

    const silent = join(folder, 'silent.safetensors');
    await writeFile(silent, writeSafetensors(named('', 'fc.')));
    const asked = await runResnet('predict', image, '--weights', silent, ...cpu);
    expect(asked.stderr).toContain('Pass --mean a,b,c --std a,b,c');
    const given = ['--mean', '0.5,0.5,0.5', '--std', '1,1,1'];
    expect(await runResnet('predict', image, '--weights', silent, ...given, ...cpu)).toMatchObject({
      code: 0,
    });
  });

  it('advises no command that refuses what it is given', async () => {
    const onnx = join(folder, 'model.onnx');
    expect(await runResnet('convert', '@resnet/weights-cifar10', onnx)).toMatchObject({ code: 0 });
    for (const command of commandsWith(onnx)) {
      const { stderr } = await runResnet(...command);
      expect(stderr).toContain('an ONNX model, which this project writes but does not read');
      expect(stderr).not.toMatch(/convert it/);
    }
  });
});
