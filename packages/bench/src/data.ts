import os from 'node:os';
import { Random } from '@resnet/backend';
import { cifarAugmentation, type ImageSet, loader, type Transform } from '@resnet/data';

/** Images a second that the loader gives on one thread, the median of several epochs. */
export async function benchmarkData(): Promise<void> {
  const [count, epochs] = [20_000, 5];
  const random = new Random(1);
  const set: ImageSet = {
    name: 'noise',
    images: Uint8Array.from({ length: count * 32 * 32 * 3 }, () => random.int(256)),
    labels: new Uint8Array(count),
    count,
    height: 32,
    width: 32,
    channels: 3,
    classes: ['noise'],
  };
  const measure = async (transform?: Transform) => {
    const batches = loader(set, { batchSize: 128, shuffle: true, ...(transform ? { transform } : {}) });
    const rates: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const started = performance.now();
      for await (const _ of batches.epoch(epoch));
      rates.push((1000 * count) / (performance.now() - started));
    }
    return rates.sort((a, b) => a - b)[epochs >> 1]!;
  };
  console.log(
    `Loader, 32 × 32 × 3, batch 128. Node ${process.version}, ${os.cpus()[0]!.model}, one thread.\n`,
  );
  console.log('| | images/s |\n|---|---|');
  console.log(`| shuffled | ${Math.round(await measure()).toLocaleString('en-US')} |`);
  console.log(
    `| padded, cropped and flipped | ${Math.round(await measure(cifarAugmentation([125, 123, 114]))).toLocaleString('en-US')} |`,
  );
}
