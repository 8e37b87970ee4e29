import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import type { ImageSet } from '@resnet/data';
import { recipe } from '@resnet/train';
import { trainRun } from '@resnet/train/node';
import { cifarResNet } from '@resnet/zoo';

/** Images of noise, brighter for the second class. */
function noise(name: string, count: number): ImageSet {
  const random = new Random(count);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 2);
  const images = Uint8Array.from({ length: count * 32 * 32 }, (_, position) => {
    return random.int(200) + 40 * labels[Math.floor(position / (32 * 32))]!;
  });
  const shape = { count, height: 32, width: 32, channels: 1 };
  return { name, images, labels, ...shape, classes: ['dark', 'bright'] };
}

/** Trains a small network into a folder, or goes on with that. The arguments are the folder and the averaging. */
async function run([folder, averaging]: string[]): Promise<void> {
  const backend = await useBackend('wasm', { threads: 1 });
  const network = cifarResNet(8, { classes: 2, inChannels: 1 });
  console.log('ready');
  await trainRun({
    ...{ folder: folder!, network, train: noise('train', 60), test: noise('test', 20), resume: true },
    recipe: recipe('cifar10-fast', { batchSize: 8, iterations: 40, averaging: JSON.parse(averaging!) }),
    normalization: { mean: Float32Array.of(0.45), std: Float32Array.of(0.25) },
    ...{ checkpointEvery: 3, testEvery: 5, recordEvery: 2 },
    onProgress: ({ iteration }) => console.log(`step ${iteration}`),
  });
  network.dispose();
  backend.dispose();
}

void run(process.argv.slice(2));
