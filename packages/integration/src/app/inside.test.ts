import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { decodeImage } from '@resnet/data';
import { temporaryFolder } from '@resnet/testing';
import { resnet20 } from '@resnet/weights-cifar10';
import { create, layersOf, packModel, runLayers, toTensor, writeSafetensors } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitImage } from '../../../../examples/browser/src/worker/fit-image.js';
import type { Pictures } from '../../../../examples/browser/src/worker/inside/pictures.js';
import type { Statistics } from '../../../../examples/browser/src/worker/inside/statistics.js';
import { useBrowser } from '../browser/use-browser.js';
import { againIfBusy, builtApp } from './built-app.js';
import { detailsOf, layerButton, lookInside, statusOf, textOf } from './inside-page.js';

const samples = join(import.meta.dirname, '../../../../examples/browser/public/samples');
const pictures = join(import.meta.dirname, '../../../../docs/pictures');

/** A PNG, which the page and Node decode to the same pixels. */
const png = () => sharp(join(samples, 'ship.svg')).resize(200).png().toBuffer();

async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    ([name, text]) => {
      const bytes = Uint8Array.from(atob(text!), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name!));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
    },
    [name, bytes.toString('base64')],
  );
}

/** Random weights that tell their network and normalization. */
async function weightsOf(name: string): Promise<Uint8Array> {
  const network = create(name, {});
  const normalization = { mean: Float32Array.of(0.5, 0.5, 0.5), std: Float32Array.of(0.25, 0.25, 0.25) };
  const { tensors, metadata } = await packModel({ network, normalization });
  network.dispose();
  return writeSafetensors(tensors, metadata);
}

const nameOfFocus = (page: Page) => page.evaluate(() => document.activeElement!.getAttribute('data-name'));

const longestTask = async (page: Page) => Math.max(0, ...(await page.evaluate<number[]>('longTasks')));

describe('the example’s tab ‘Look inside’ in Chromium', () => {
  const browser = useBrowser();
  let weights: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    weights = await temporaryFolder();
    await useBackend('wasm');
  });
  afterAll(() => weights.remove());

  /** By a path, as the page would take long to decode what a test sends. */
  async function openWeights(page: Page, name: string, bytes: Uint8Array): Promise<void> {
    const file = join(weights.folder, name);
    await writeFile(file, bytes);
    await page.setInputFiles('#weights-file', file);
  }

  it('draws ResNet-20 and shows what its layers give, as Node computes it', againIfBusy, async () => {
    const { network, normalization } = await loadModel(resnet20);
    const layers = layersOf(network);
    const seen = fitImage(await decodeImage(await png(), 'ship.png'), { network });
    const { pixels: images, height, width, channels } = seen;
    const input = toTensor({ images, count: 1, height, width, channels }, normalization!);
    const outputs = new Map<string, number[]>();
    const logits = await runLayers(network, input, async ({ name }, output) => {
      outputs.set(name, Array.from(await output.data()));
    });
    for (const owner of [input, logits, network]) owner.dispose();

    await lookInside(browser(), builtApp, async (page) => {
      await statusOf(page, 'Inside resnet20, with ship.svg');
      await drop(page, 'ship.png', await png());
      await statusOf(page, 'Inside resnet20, with ship.png');
      const count = (selector: string) => page.locator(`.drawing ${selector}`).count();
      expect(await count('.layer')).toBe(layers.length);
      expect(await count('.block')).toBe(9);
      expect(await count('.convolution')).toBe(19);
      expect(await count('.shortcut[data-kind=identity]')).toBe(7);
      expect(await count('.shortcut[data-kind=A]')).toBe(2);
      expect(await count('.shortcut')).toBe(9);
      expect(await page.locator('.legend li').allTextContents()).toEqual([
        'identity shortcut',
        'option A: identity, with zeros for new channels',
      ]);

      for (const name of ['conv1', 'layer1.0.relu', 'layer3.2.add', 'avgpool', 'fc']) {
        await layerButton(page, name).click();
        const details = await detailsOf(page, name);
        const values = outputs.get(name)!;
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
        const shown = (term: string) => Number(details[term]!.replace('−', '-').replace('−', '-'));
        for (const [term, value] of [
          ['Mean', mean],
          ['Standard deviation', std],
          ['Smallest', Math.min(...values)],
          ['Largest', Math.max(...values)],
        ] as const) {
          // Of what the page writes, half of the third digit at most is lost.
          expect(Math.abs(shown(term) - value), `${name}: ${term}`).toBeLessThan(
            0.006 * Math.abs(value) + 1e-4,
          );
        }
        const zeros = values.filter((value) => value === 0).length / values.length;
        expect(details.Zeros).toBe(`${(100 * zeros).toFixed(1)} %`);
        expect(await layerButton(page, name).getAttribute('aria-pressed')).toBe('true');

        // The numbers themselves, as the page gets them.
        const answer = await page.evaluate<
          Statistics & { ranges: Pictures['ranges'] | undefined }
        >(`(async () => {
          const seen = ${JSON.stringify({ ...seen, pixels: [...seen.pixels] })};
          seen.pixels = Uint8Array.from(seen.pixels);
          const params = { seen, name: '${name}', first: 0, count: 64 };
          const { statistics, maps } = await app.worker.call('showLayer', params);
          return { ...statistics, ranges: maps?.ranges };
        })()`);
        expect(Math.abs(answer.mean - mean)).toBeLessThan(1e-4);
        expect(Math.abs(answer.std - std)).toBeLessThan(1e-4);
        expect(Math.abs(answer.smallest - Math.min(...values))).toBeLessThan(1e-4);
        expect(Math.abs(answer.largest - Math.max(...values))).toBeLessThan(1e-4);
        const channelCount = answer.ranges?.length ?? 0;
        expect(await page.locator('.maps:not(.filters) canvas').count()).toBe(channelCount);
        for (const [channel, range] of answer.ranges?.entries() ?? []) {
          const ofChannel = values.filter((_, index) => index % channelCount === channel);
          expect(Math.abs(range.smallest - Math.min(...ofChannel))).toBeLessThan(1e-4);
          expect(Math.abs(range.largest - Math.max(...ofChannel))).toBeLessThan(1e-4);
        }
      }
      expect(await textOf(page.locator('.values .name').first())).toBe('ship');
      expect(await page.locator('.values li').count()).toBe(10);
      await layerButton(page, 'conv1').click();
      const details = await detailsOf(page, 'conv1');
      expect(details).toMatchObject({
        Filters: '16 of 3 × 3 × 3',
        Parameters: '432',
        'Multiply-adds': '442,368',
      });
      expect(await page.locator('.filters canvas').count()).toBe(16);

      const points = page.locator('.response');
      expect(await points.count()).toBe(19);
      await page.locator('.response[data-name="layer2.1.conv2"]').click();
      await detailsOf(page, 'layer2.1.conv2');
      expect(await layerButton(page, 'layer2.1.conv2').getAttribute('aria-pressed')).toBe('true');
      const normalized = outputs.get('layer2.1.bn2')!;
      const mean = normalized.reduce((sum, value) => sum + value, 0) / normalized.length;
      const squares = normalized.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const std = Number(await page.locator('.response[aria-pressed=true]').getAttribute('data-std'));
      expect(Math.abs(std - Math.sqrt(squares / normalized.length))).toBeLessThan(1e-4);
      expect(await longestTask(page)).toBeLessThan(100);
      if (process.env.RESNET_SCREENSHOTS) {
        await layerButton(page, 'layer1.0.conv1').click();
        await detailsOf(page, 'layer1.0.conv1');
        await page.screenshot({ path: join(pictures, 'browser-inside.png'), fullPage: true });
      }
    });
  });

  it('looks at the picture that was classified last, or at a drawing', async () => {
    await lookInside(browser(), builtApp, async (page) => {
      await statusOf(page, 'Inside resnet20, with ship.svg');
      await page.getByRole('tab', { name: 'Classify' }).click();
      await page.getByRole('button', { name: 'Drawing: frog' }).click();
      await statusOf(page, 'frog.svg: frog');
      await page.getByRole('tab', { name: 'Look inside' }).click();
      await statusOf(page, 'Inside resnet20, with frog.svg');
      await layerButton(page, 'fc').click();
      await detailsOf(page, 'fc');
      expect(await textOf(page.locator('.values .name').first())).toBe('frog');
      await page.selectOption('#inside-sample', 'horse');
      await statusOf(page, 'Inside resnet20, with horse.svg');
      // What was open shows the new picture.
      expect(await textOf(page.locator('.values .name').first())).toBe('horse');
      await page.selectOption('#backend', 'cpu');
      await page.locator('#backend-detail', { hasText: 'plain JavaScript' }).waitFor();
      await statusOf(page, 'Inside resnet20, with horse.svg');
      expect(await textOf(page.locator('.values .name').first())).toBe('horse');
    });
  });

  it('is moved through by keys', async () => {
    await lookInside(browser(), builtApp, async (page) => {
      await statusOf(page, 'Inside resnet20');
      await layerButton(page, 'conv1').focus();
      for (const [key, name] of [
        ['ArrowUp', 'conv1'],
        ['ArrowDown', 'bn1'],
        ['ArrowRight', 'layer1.0.conv1'],
        ['ArrowLeft', 'conv1'],
        ['End', 'fc'],
        ['ArrowDown', 'fc'],
        ['ArrowLeft', 'avgpool'],
        ['ArrowUp', 'layer3.2.relu'],
        ['Home', 'conv1'],
        ['ArrowRight', 'layer1.0.conv1'],
        ['ArrowRight', 'layer1.1.conv1'],
      ] as const) {
        await page.keyboard.press(key);
        expect(await nameOfFocus(page), key).toBe(name);
      }
      await page.keyboard.press('End');
      const isSeen = await page.evaluate(() => {
        const frame = document.querySelector('.frame')!.getBoundingClientRect();
        const box = document.activeElement!.getBoundingClientRect();
        return box.left >= frame.left && box.right <= frame.right;
      });
      expect(isSeen).toBe(true);
      await page.keyboard.press('Enter');
      await detailsOf(page, 'fc');
      expect(await nameOfFocus(page)).toBe('fc');
      const name = 'layer2.0.conv1, convolution 3×3, 16 × 16 × 32';
      expect(await page.getByRole('button', { name, exact: true }).getAttribute('data-name')).toBe(
        'layer2.0.conv1',
      );
      expect(await page.locator('.drawing [tabindex="0"]').count()).toBe(1);
    });
  });

  it(
    'draws a plain network without shortcuts, and follows what is opened and what goes wrong',
    againIfBusy,
    async () => {
      await lookInside(browser(), builtApp, async (page) => {
        await statusOf(page, 'Inside resnet20');
        await layerButton(page, 'layer2.0.downsample').click();
        await detailsOf(page, 'layer2.0.downsample');

        await openWeights(page, 'plain20.safetensors', await weightsOf('plain20'));
        await statusOf(page, 'Inside plain20');
        expect(await page.locator('.drawing .shortcut').count()).toBe(0);
        expect(await page.locator('.legend li').allTextContents()).toEqual(['no shortcuts']);
        expect(await page.locator('.drawing .block').count()).toBe(9);
        expect(await textOf(page.locator('.layer-details'))).toContain(
          'plain20 has no layer layer2.0.downsample',
        );

        await layerButton(page, 'layer2.0.conv2').click();
        await detailsOf(page, 'layer2.0.conv2');
        await drop(page, 'text.png', Buffer.from('hello'));
        const alert = page.locator('.alert');
        await alert.filter({ hasText: "'text.png' must be an image" }).waitFor();
        await layerButton(page, 'layer3.0.conv1').click();
        await detailsOf(page, 'layer3.0.conv1');
        expect(await textOf(alert)).toBe('');

        const network = create('resnet20', {});
        const unknown = writeSafetensors(await network.stateDict());
        network.dispose();
        await openWeights(page, 'unknown.safetensors', unknown);
        await alert.filter({ hasText: 'how images are normalized' }).waitFor();
        await layerButton(page, 'layer1.0.conv1').click();
        await alert.filter({ hasText: 'has not looked at a picture yet' }).waitFor();
        await page.locator('.normalization button').click();
        await statusOf(page, 'Inside resnet20');
        // What was open before is open again.
        await detailsOf(page, 'layer3.0.conv1');
        expect(await textOf(alert)).toBe('');
        expect(await longestTask(page)).toBeLessThan(100);
      });
    },
  );

  it(
    'takes deep networks and others, in a frame that scrolls, and gives more maps when asked',
    againIfBusy,
    async () => {
      await lookInside(browser(), builtApp, async (page) => {
        await statusOf(page, 'Inside resnet20');
        await openWeights(page, 'resnet110.safetensors', await weightsOf('resnet110'));
        await statusOf(page, 'Inside resnet110');
        expect(await page.locator('.drawing .block').count()).toBe(54);
        expect(await page.locator('.response').count()).toBe(109);
        const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
        expect(fits).toBe(true);

        await openWeights(page, 'highway19.safetensors', await weightsOf('highway19'));
        await statusOf(page, 'Inside highway19');
        await layerButton(page, 'layer2.1.carry').click();
        await detailsOf(page, 'layer2.1.carry');
        const canvases = page.locator('.maps canvas');
        expect(await canvases.count()).toBe(64);
        await page.locator('.layer-details button', { hasText: '16 more of 80 channels' }).click();
        await canvases.nth(79).waitFor();
        expect(await page.locator('.layer-details button').isVisible()).toBe(false);
        expect(await longestTask(page)).toBeLessThan(100);
      });
    },
  );
});
