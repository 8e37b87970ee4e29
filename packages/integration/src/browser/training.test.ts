import { beforeAll, expect, it } from 'vitest';
import { bundleForBrowser, withPage } from './browser-page.js';
import { useBrowser } from './use-browser.js';

/** Trains a small network on a page for three steps, and gives their losses and the tensors that are left. */
const program = `
  import { useBackend } from '@resnet/backend';
  import { fit, recipe } from '@resnet/train';
  import { cifarResNet } from '@resnet/zoo';
  import * as tf from '@tensorflow/tfjs-core';
  window.train = async (name) => {
    const backend = await useBackend(name, { wasmPaths: '/', threads: 1 });
    const before = tf.memory().numTensors;
    const network = cifarResNet(8, { classes: 2, inChannels: 1, seed: 4 });
    const losses = [];
    await fit(network, {
      train: {
        name: 'gradients',
        images: Uint8Array.from({ length: 8 * 1024 }, (_, position) => (position * (1 + (position >> 10))) % 256),
        labels: Uint8Array.from({ length: 8 }, (_, index) => index % 2),
        ...{ count: 8, height: 32, width: 32, channels: 1, classes: ['even', 'odd'] },
      },
      normalization: { mean: Float32Array.of(0.5), std: Float32Array.of(0.25) },
      recipe: recipe('cifar10-paper', { batchSize: 4, iterations: 3, learningRate: 0.01, seed: 4 }),
      onProgress: ({ loss }) => losses.push(loss),
    });
    network.dispose();
    const left = tf.memory().numTensors - before;
    const { device } = backend;
    backend.dispose();
    return { losses, left, device };
  };
`;
interface Training {
  losses: number[];
  left: number;
  device: string;
}

const browser = useBrowser({ gpu: true });
let script: string;
beforeAll(async () => {
  script = await bundleForBrowser(program);
});

it.each(['webgpu', 'webgl'])(
  'on a page, %s trains as WebAssembly does, and leaves no tensor',
  async (name) => {
    await withPage(browser(), { script, isIsolated: false }, async (page) => {
      await page.waitForFunction('window.train');
      const expected = await page.evaluate<Training>("train('wasm')");
      const { losses, left, device } = await page.evaluate<Training>(`train('${name}')`);
      const apart = losses.map((loss, step) => Math.abs(loss / expected.losses[step]! - 1));
      console.log(`${device}: losses at most ${Math.max(...apart).toExponential(1)} from WebAssembly's`);
      expect(losses).toHaveLength(3);
      expect(Math.max(...apart)).toBeLessThan(1e-3);
      expect(left).toBe(0);
    });
  },
);
