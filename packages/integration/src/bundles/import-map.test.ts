import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { decodeImage, loader, padAndCrop, scaledCenterCrop } from '@resnet/data';
import { predict, singleView } from '@resnet/eval';
import { cifarResNet, openModel, packModel, prepare, readWeights, writeSafetensors } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { build, transform } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withPage } from '../browser/browser-page.js';
import { train } from '../browser/browser-program.js';
import { loadedFiles } from '../browser/loaded-files.js';
import { useBrowser } from '../browser/use-browser.js';
import { type Cdn, nodeModules, serveCdn } from './cdn-server.js';

/** The CDNs of the document: one serves files as they are, one converts them. */
const FILES = 'https://cdn.jsdelivr.net/npm/';
const MODULES = 'https://esm.sh/';

type ImportMap = Record<string, string>;
const text = readFileSync(join(import.meta.dirname, '../../../../docs/browser.md'), 'utf8');
const [, example] = /^```html\n(.*?)^```/ms.exec(text)!;
const [, scripts] = /^```json\n(.*?)^```/ms.exec(text)!;
const mapOfExample = /(?<=<script type="importmap">).*?(?=<\/script>)/s;
const { imports }: { imports: ImportMap } = JSON.parse(mapOfExample.exec(example!)![0]);
const forTraining: ImportMap = JSON.parse(scripts!);

const onCdns = (map: ImportMap) => Object.values(map).filter((address) => address.startsWith('https:'));

const isWorkerProgram = (path: string) => path.includes('/worker-program');

/** Splits an address, or a path, on a CDN. */
function partsOf(path: string): { name: string; version: string; file: string } {
  const [, name, version, file] = /((?:@[\w-]+\/)?[\w-]+)@([\d.]+)\/?(.*)$/.exec(path)!;
  return { name: name!, version: version!, file: file! };
}

describe('the import map of docs/browser.md', () => {
  it('names the files that packages themselves give browsers, apart from tfjs’s bundles', async () => {
    const differing: string[] = [];
    for (const [specifier, address] of Object.entries({ ...imports, ...forTraining })) {
      if (!address.startsWith(FILES)) continue;
      const { name, file } = partsOf(address);
      const folder = join(nodeModules, name);
      if (realpathSync(join(folder, file)) !== (await resolveInBrowsers(specifier, folder)))
        differing.push(specifier);
    }
    expect(differing).toEqual(['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm']);
  });

  it('has an empty module for what tfjs’s package.json says that browsers lack', () => {
    const empty = Object.keys(imports).filter((name) => imports[name]!.endsWith(',export default {}'));
    const manifest = readFileSync(join(nodeModules, '@tensorflow/tfjs-backend-wasm/package.json'), 'utf8');
    const { browser } = JSON.parse(manifest);
    expect(empty.map((name) => browser[name])).toEqual([false, false, false, false]);
  });
});

/** What a bundler for browsers takes a name for, in a file of a package. */
async function resolveInBrowsers(specifier: string, folder: string): Promise<string> {
  let path = '';
  const setup: Parameters<typeof build>[0]['plugins'] = [
    {
      name: 'resolve',
      setup: (build) =>
        build.onStart(async () => {
          ({ path } = await build.resolve(specifier, { kind: 'import-statement', resolveDir: folder }));
        }),
    },
  ];
  await build({ stdin: { contents: '' }, write: false, platform: 'browser', plugins: setup });
  return path;
}

const CLASSES = Array.from({ length: 10 }, (_, index) => `class ${index}`);
const random = new Random(3);
const noise = Array.from({ length: 2 * 32 * 32 * 3 }, () => random.uniform() - 0.5);
const set = {
  name: 'noise',
  images: Uint8Array.from({ length: 10 * 32 * 32 * 3 }, () => random.int(256)),
  labels: Uint8Array.from(CLASSES, (_, index) => index),
  count: 10,
  height: 32,
  width: 32,
  channels: 3,
  classes: CLASSES,
};
const loading = { batchSize: 4, seed: 5, shuffle: true };

/** What a page does instead of the example's program: the logits of noise, and batches of it. */
const program = `
  import { useBackend } from '@resnet/backend';
  import { loader, padAndCrop } from '@resnet/data';
  import { openModel, prepare, readWeights } from '@resnet/zoo';
  import * as tf from '@tensorflow/tfjs-core';

  window.classify = async (noise, options) => {
    const backend = await useBackend('wasm', options);
    const bytes = new Uint8Array(await (await fetch('/model.safetensors')).arrayBuffer());
    const classifier = await prepare(openModel(readWeights(bytes)).network);
    const logits = await classifier.infer(tf.tensor4d(noise, [2, 32, 32, 3]));
    return { threads: backend.threads, logits: [...(await logits.data())] };
  };

  window.load = async ({ images, labels, ...set }, options) => {
    const given = { ...set, images: Uint8Array.from(images), labels: Uint8Array.from(labels) };
    const batches = loader(given, { ...options, transform: padAndCrop() });
    const list = [];
    for await (const { images, labels } of batches.epoch(1)) list.push({ images: [...images], labels: [...labels] });
    batches.close();
    return list;
  };
`;

describe('an unbundled page in Chromium', () => {
  const browser = useBrowser();
  const folder = join(import.meta.dirname, '../../dist/pages/import-map');
  let cdn: Cdn;
  let wasmPaths: string;
  let image: Buffer;
  let weights: Uint8Array;

  beforeAll(async () => {
    cdn = await serveCdn();
    wasmPaths = /wasmPaths: '(.*)'/.exec(example!)![1]!.replace(FILES, cdn.files);
    const raw = { height: 50, width: 60, channels: 3 } as const;
    image = await sharp(set.images.subarray(0, 50 * 60 * 3), { raw })
      .png()
      .toBuffer();
    const backend = await useBackend('cpu');
    const network = cifarResNet(8, { seed: 2 });
    const normalization = { mean: Float32Array.of(0.4, 0.4, 0.4), std: Float32Array.of(0.2, 0.2, 0.2) };
    const { tensors, metadata } = await packModel({ network, normalization, classNames: CLASSES });
    weights = writeSafetensors(tensors, metadata);
    network.dispose();
    backend.dispose();
  });
  beforeEach(() => void cdn.requests.splice(0));
  afterAll(() => cdn.close());

  /** Writes the example, with this CDN instead of those of the document. */
  function writePage(change: { program?: string; map?: ImportMap } = {}): string {
    const map = { ...imports, ...change.map };
    const html = example!
      .replace(mapOfExample, () => JSON.stringify({ imports: map }))
      .replace(/(?<=<script type="module">).*(?=<\/script>)/s, (program) => change.program ?? program);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const local = html.replaceAll(FILES, cdn.files).replaceAll(MODULES, cdn.modules);
    writeFileSync(join(folder, 'index.html'), local);
    writeFileSync(join(folder, 'model.safetensors'), weights);
    writeFileSync(join(folder, 'image.png'), image);
    return folder;
  }

  /** Nothing was asked for in vain, and nothing of a package that the map does not name. */
  function expectOnlyWhatIsNamed(map: ImportMap): void {
    const named = onCdns(map).map((address) => partsOf(address).name);
    expect(
      cdn.requests.filter(({ path, isFound }) => !isFound || !named.includes(partsOf(path).name)),
    ).toEqual([]);
  }

  it('shows what Node sees, as it is in docs/browser.md', async () => {
    const backend = await useBackend('wasm');
    const { network, normalization } = openModel(readWeights(weights));
    const seen = await predict(network, await decodeImage(image, 'image.png'), {
      normalization: normalization!,
      view: singleView(scaledCenterCrop({ shorterSide: 32, size: 32 })),
      top: 3,
    });
    network.dispose();
    backend.dispose();
    const lines = seen.map(({ index, probability }) => `${(100 * probability).toFixed(1)} % class ${index}`);

    await withPage(browser(), { folder: writePage(), isIsolated: false }, async (page) => {
      await page.waitForFunction("document.querySelector('pre').textContent");
      expect(await page.textContent('pre')).toBe(lines.join('\n'));
      const own = (await loadedFiles(page)).filter((path) => !/^\/(files|modules|favicon)/.test(path));
      expect(new Set(own)).toEqual(new Set(['/image.png', '/model.safetensors']));
    });
    expectOnlyWhatIsNamed(imports);
    const requested = cdn.requests.map(({ path }) =>
      path.replace('files/', FILES).replace('modules/', MODULES),
    );
    expect(requested).toEqual(expect.arrayContaining(onCdns(imports)));
    expect(requested.filter(isWorkerProgram)).toEqual([]);
  });

  it.for([
    ['with cross-origin isolation, on two threads', true, 2],
    ['without, on one', false, 1],
  ] as const)('classifies noise as Node does: %s', async ([, isIsolated, threads]) => {
    const backend = await useBackend('wasm', { threads: 2 });
    const classifier = await prepare(openModel(readWeights(weights)).network);
    const logits = await classifier.infer(tf.tensor4d(noise, [2, 32, 32, 3]));
    const expected = logits.dataSync();
    backend.dispose();

    await withPage(browser(), { folder: writePage({ program }), isIsolated }, async (page) => {
      await page.waitForFunction('window.classify');
      const given = `${JSON.stringify(noise)}, ${JSON.stringify({ threads: 2, wasmPaths })}`;
      const found = await page.evaluate<{ threads: number; logits: number[] }>(`window.classify(${given})`);
      expect(found.threads).toBe(threads);
      expect(found.logits).toHaveLength(20);
      const differences = found.logits.map((logit, position) => Math.abs(logit - expected[position]!));
      expect(Math.max(...differences)).toBeLessThan(1e-5);
    });
    expectOnlyWhatIsNamed(imports);
  });

  it('loads batches with a worker as Node does', async () => {
    const expected: object[] = [];
    const batches = loader(set, { ...loading, transform: padAndCrop() });
    for await (const { images, labels } of batches.epoch(1))
      expected.push({ images: [...images], labels: [...labels] });
    expect(expected).toHaveLength(3);

    await withPage(browser(), { folder: writePage({ program }), isIsolated: false }, async (page) => {
      await page.waitForFunction('window.load');
      const sent = { ...set, images: [...set.images], labels: [...set.labels] };
      const given = `${JSON.stringify(sent)}, ${JSON.stringify({ ...loading, workers: 1 })}`;
      expect(await page.evaluate(`window.load(${given})`)).toEqual(expected);
    });
    expectOnlyWhatIsNamed(imports);
    expect(cdn.requests.map(({ path }) => path).filter(isWorkerProgram)).toHaveLength(1);
  });

  it('trains as Node does, with what the document adds to the map', async () => {
    const source = readFileSync(join(import.meta.dirname, '../browser/browser-program.ts'), 'utf8');
    const { code } = await transform(`${source} window.train = train;`, { loader: 'ts', tsconfigRaw: '{}' });
    const map = forTraining;
    await withPage(
      browser(),
      { folder: writePage({ program: code, map }), isIsolated: false },
      async (page) => {
        await page.waitForFunction('window.train');
        const given = JSON.stringify({ threads: 1, wasmPaths });
        const { losses, tensors } = await page.evaluate<Awaited<ReturnType<typeof train>>>(
          `window.train(${given})`,
        );
        const inNode = await train({ threads: 1 });
        expect(losses).toHaveLength(3);
        for (const [step, loss] of inNode.losses.entries()) expect(losses[step]).toBeCloseTo(loss, 4);
        expect(tensors).toBe(0);
      },
    );
    expectOnlyWhatIsNamed({ ...imports, ...map });
  });
});
