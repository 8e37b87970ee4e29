import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { useBackend } from '@resnet/backend';
import { decodeImage } from '@resnet/data';
import { type Prediction, predict } from '@resnet/eval';
import { cifarResNet, packModel, writeSafetensors } from '@resnet/zoo';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { withPage } from '../browser/browser-page.js';
import { loadedFiles } from '../browser/loaded-files.js';
import { useBrowser } from '../browser/use-browser.js';
import { BUNDLERS, bundlePage } from './bundle-page.js';

const text = readFileSync(join(import.meta.dirname, '../../../../docs/browser.md'), 'utf8');
const [, gradients] = /alias: \{ '(\S+)'/.exec(text)!;

/** The numbers of a row of the document's table, in the order of its columns. */
function documented(row: string): Record<string, number> {
  const cellsOf = (start: string) =>
    new RegExp(`^\\| ${start}.*$`, 'm')
      .exec(text)![0]
      .split('|')
      .map((cell) => cell.trim());
  const columns = cellsOf('gzip, kB');
  return Object.fromEntries(cellsOf(row).map((cell, position) => [columns[position], Number(cell)]));
}

/** What a page on WebAssembly does not install: of tfjs-core bundlers keep what any backend may need. */
const ABSENT = ['@tensorflow/tfjs-backend-webgl', '@tensorflow/tfjs-backend-webgpu'];

const VARIANTS = [
  ['as it is', ABSENT],
  ['without gradients', [...ABSENT, gradients!]],
] as const;

describe('the JavaScript that a page loads to classify on WebAssembly', () => {
  const browser = useBrowser();
  const normalization = { mean: Float32Array.of(0.4, 0.4, 0.4), std: Float32Array.of(0.2, 0.2, 0.2) };
  let weights: Uint8Array;
  let image: Buffer;
  let expected: Prediction[];

  beforeAll(async () => {
    const backend = await useBackend('wasm');
    const network = cifarResNet(8, { seed: 6 });
    const { tensors, metadata } = await packModel({ network, normalization });
    weights = writeSafetensors(tensors, metadata);
    image = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    expected = await predict(network, await decodeImage(image, 'image.png'), { normalization });
    network.dispose();
    backend.dispose();
  });

  it.for(
    BUNDLERS.flatMap((bundler) => VARIANTS.map(([variant, leftOut]) => ({ bundler, variant, leftOut }))),
  )(
    'has the size that docs/browser.md says, and does it: by $bundler, $variant',
    async ({ bundler, variant, leftOut }) => {
      const { folder, complaints } = await bundlePage(bundler, 'classify', leftOut);
      // esbuild says so of imports between files of a package, where that is not in node_modules.
      expect(complaints.filter((complaint) => !complaint.startsWith('Ignoring this import'))).toEqual([]);
      writeFileSync(join(folder, 'model.safetensors'), weights);
      writeFileSync(join(folder, 'image.png'), image);
      await withPage(browser(), { folder, isIsolated: false }, async (page) => {
        await page.waitForFunction('window.run');
        const found = await page.evaluate<Prediction[]>('window.run()');
        expect(found.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
        const scripts = (await loadedFiles(page)).filter((path) => path.endsWith('.js'));
        const sizes = scripts.map((path) => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length);
        const kilobytes = sizes.reduce((sum, size) => sum + size, 0) / 1000;
        const said = documented(variant)[bundler]!;
        expect(Math.abs(kilobytes - said), `${kilobytes} kB`).toBeLessThan(2);
      });
    },
  );
});
