import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { temporaryFolder } from '@resnet/testing';
import { create, packModel, writeSafetensors } from '@resnet/zoo';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet, TextStream } from '../../test-support.js';
import { startBar } from '../progress/progress-bar.js';

/** Clears the screen, writes to the clipboard, turns the writing around, and begins lines that look like the program's own. */
const HOSTILE = '\u001b[2J\u001b]52;c;cm0=\u0007\u009b1m\u202ex\rerror A: b\nerror DATA_INVALID: forged';
const cpu = ['--backend', 'cpu'];

let folder: string;
let remove: () => Promise<void>;
let image: string;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  image = join(folder, 'image.png');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: '#3060c0' } }).toFile(image);
});
afterAll(() => remove());

/** Runs a command, whose output must be harmless and show something of what is hostile, escaped. */
async function harmless(...argv: string[]): Promise<void> {
  const { stdout, stderr } = await runResnet(...argv);
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text).not.toMatch(/^error (A|DATA_INVALID): (b|forged)/m);
  }
  expect(`${stdout}${stderr}`).toMatch(/\\u001b\[2J|\ufffd\[2J/);
}

/** A file of weights with classes, names of tensors or metadata of one's choice. */
async function weights(
  name: string,
  { classNames, prefix = '', metadata = {} }: { classNames?: string[]; prefix?: string; metadata?: object },
): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  const backend = await useBackend('cpu');
  const network = create('resnet20', { classes: 2 });
  const packed = await packModel({ network, ...(classNames ? { classNames } : {}) });
  network.dispose();
  backend.dispose();
  const tensors = new Map([...packed.tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]));
  await writeFile(path, writeSafetensors(tensors, { ...packed.metadata, ...metadata }));
  return path;
}

describe('a terminal is safe from', () => {
  it.each([
    ['networks', ['summary', HOSTILE]],
    ['data sets', ['train', 'resnet20', '--dataset', HOSTILE]],
    ['commands', [HOSTILE]],
    ['options', ['train', `--${HOSTILE}`]],
    ['numbers', ['train', 'resnet20', '--dataset', 'digits', '--threads', HOSTILE]],
    ['settings', ['train', 'resnet20', '--dataset', 'digits', '--set', `${HOSTILE}=1`]],
    ['weights', ['predict', 'cat.png', '--weights', `${HOSTILE}.safetensors`, ...cpu]],
    ['runs', ['plot', HOSTILE]],
    ['parts', ['eval', 'merge', HOSTILE]],
    ['recipes', ['train', 'resnet20', '--dataset', 'digits', '--recipe', `${HOSTILE}.json`]],
  ])('hostile names of %s on the command line', async (_, argv) => {
    await harmless(...argv);
    await harmless(...argv, '--json');
  });

  it('names of classes, on standard output', async () => {
    const path = await weights('classes', { classNames: [HOSTILE, 'b'] });
    const argv = ['predict', image, '--weights', path, '--mean', '0.5,0.5,0.5', '--std', '1,1,1', ...cpu];
    for (const more of [[], ['--json']]) await harmless(...argv, ...more);
  });

  it('names of tensors, networks and formats in a file', async () => {
    const of = (name: string) => JSON.stringify({ name, classes: 2, inChannels: 3 });
    const files = [
      await weights('tensors', { prefix: HOSTILE, metadata: { 'resnet.architecture': of('resnet32') } }),
      await weights('network', { metadata: { 'resnet.architecture': of(HOSTILE) } }),
      await weights('broken', { metadata: { 'resnet.normalization': HOSTILE } }),
    ];
    for (const path of files) await harmless('predict', image, '--weights', path, ...cpu);
  });

  it('names of folders, images and what is left out', async () => {
    const data = join(folder, 'data');
    // No slash; a name has 255 bytes at most.
    const name = HOSTILE.replaceAll('/', '');
    await mkdir(join(data, name), { recursive: true });
    await mkdir(join(data, 'b'));
    await sharp(image).toFile(join(data, name, `${name}.png`));
    await sharp(image).toFile(join(data, 'b', 'b.png'));
    await writeFile(join(data, 'b', `${name}.heic`), '');
    await harmless('data', 'stats', data);
    await writeFile(join(data, 'b', `${name}.png`), 'broken');
    await harmless('data', 'stats', data);
  });

  it('what other files say', async () => {
    const file = async (name: string, content: unknown) => {
      const path = join(folder, name);
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    };
    const recipe = JSON.parse((await runResnet('recipe', 'digits')).stdout);
    const digits = ['train', 'resnet20', '--dataset', 'digits', '--out', folder];
    await harmless(...digits, '--recipe', await file('recipe.json', { ...recipe, rule: HOSTILE }));
  });

  it('texts beside a bar', async () => {
    const stream = new TextStream();
    stream.isTTY = true;
    const bar = startBar(stream, 10);
    bar.update(10, HOSTILE);
    bar.stop();
    expect(stream.text).not.toContain('\u001b]52');
    expect(stream.text).not.toContain('\u202e');
    expect(stream.text).not.toContain('\nerror');
  });
});
