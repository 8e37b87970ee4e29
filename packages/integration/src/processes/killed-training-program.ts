import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type ImageSet } from '@resnet/data';
import { digitScenes } from '@resnet/data/node';
import { detectionRecipe, namedDetector } from '@resnet/detection';
import { trainDetector } from '@resnet/detection/node';
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

const iterations = 40;
const every = {
  ...{ checkpointEvery: 3, testEvery: 5, recordEvery: 2, resume: true },
  onProgress: ({ iteration }: { iteration: number }) => console.log(`step ${iteration}`),
};

/** Trains a small network. @param averaging of the recipe, as JSON */
async function trainNetwork(folder: string, averaging: string): Promise<void> {
  const network = cifarResNet(8, { classes: 2, inChannels: 1 });
  console.log('ready');
  await trainRun({
    ...{ folder, network, train: noise('train', 60), test: noise('test', 20) },
    recipe: recipe('cifar10-fast', { batchSize: 8, iterations, averaging: JSON.parse(averaging) }),
    normalization: { mean: Float32Array.of(0.45), std: Float32Array.of(0.25) },
    ...every,
  });
  network.dispose();
}

/** Trains a small detector. */
async function trainSmallDetector(folder: string): Promise<void> {
  const size = { shorterSide: 64, longestSide: 64 };
  const detector = namedDetector('resnet20-small', { classes: 10, ...size });
  const train = await digitScenes({ count: 6, size: 64 });
  const test = await digitScenes({ count: 2, size: 64, part: 'test' });
  console.log('ready');
  await trainDetector({
    ...{ folder, detector, train, test, normalization: IMAGENET_NORMALIZATION },
    recipe: detectionRecipe('detection-small', {
      batchSize: 2,
      iterations,
      flips: 'none',
      reestimateImages: 4,
    }),
    ...every,
  });
  detector.dispose();
}

/** Trains into a folder, or goes on with what is there. The arguments are the folder and 'detector', or a network's averaging. */
async function run([folder, what]: string[]): Promise<void> {
  const backend = await useBackend('wasm', { threads: 1 });
  await (what === 'detector' ? trainSmallDetector(folder!) : trainNetwork(folder!, what!));
  backend.dispose();
}

void run(process.argv.slice(2));
