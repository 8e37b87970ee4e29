import { type BackendOptions, useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { fit, recipe } from '@resnet/train';
import { create } from '@resnet/zoo';

/** What a page of a user would do; the test runs it there and in Node. */
export async function train(
  options: BackendOptions,
): Promise<{ losses: number[]; threads: number; tensors: number }> {
  const backend = await useBackend('wasm', options);
  const { threads } = backend;
  const random = new Random(1);
  const set = {
    name: 'noise',
    images: Uint8Array.from({ length: 32 * 1024 }, () => random.int(256)),
    labels: Uint8Array.from({ length: 32 }, (_, index) => index % 10),
    count: 32,
    height: 32,
    width: 32,
    channels: 1,
    classes: Array.from({ length: 10 }, (_, index) => String(index)),
  };
  const network = create('resnet20', { inChannels: 1 });
  const losses: number[] = [];
  await fit(network, {
    train: set,
    recipe: recipe('digits', { iterations: 3, batchSize: 16, learningRate: 0.01 }),
    normalization: { mean: Float32Array.of(0.5), std: Float32Array.of(0.25) },
    onProgress: ({ loss }) => void losses.push(loss),
  });
  network.dispose();
  const { tensors } = backend.memory();
  backend.dispose();
  return { losses, threads, tensors };
}
