import { useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION, torchvisionAugmentation } from '@resnet/data';
import { imageFolder } from '@resnet/data/node';
import { fit, recipe } from '@resnet/train';
import { create } from '@resnet/zoo';
import { machine } from '../measuring/table.js';

/** How long training waits for its data: ResNet-18 on crops of 224 × 224 of image files. */
export async function benchmarkDataTraining(folder: string, { steps }: { steps: number }): Promise<void> {
  console.log(`${machine()}\n`);
  const set = await imageFolder(folder);
  const backend = await useBackend('wasm');
  console.log(`ResNet-18, batch 8, ${steps} steps after the first; ${backend.device}.\n`);
  console.log('| workers | images/s | waited for data |\n|---|---|---|');
  try {
    for (const workers of [0, 1, 2]) {
      const network = create('resnet18', { classes: set.classes.length });
      const rates: number[] = [];
      const waits: number[] = [];
      await fit(network, {
        train: set,
        recipe: recipe('digits', {
          batchSize: 8,
          iterations: steps + 1,
          learningRate: 0.01,
          schedule: { kind: 'constant' },
        }),
        normalization: IMAGENET_NORMALIZATION,
        transform: torchvisionAugmentation(),
        workers,
        recordEvery: 1,
        checkpointEvery: steps + 1,
        onRecord: (record) => {
          // The first step warms up, and only its batch is not made in advance.
          if (record.kind !== 'train' || record.iteration === 1) return;
          rates.push(record.imagesPerSecond);
          waits.push(record.waiting);
        },
      });
      network.dispose();
      const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
      console.log(`| ${workers} | ${mean(rates).toFixed(1)} | ${(100 * mean(waits)).toFixed(2)} % |`);
    }
  } finally {
    await backend.dispose();
  }
}
