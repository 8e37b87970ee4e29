import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@resnet/backend';
import { create, summarize } from '@resnet/zoo';
import { benchmarkData } from './data.js';
import type { Measurement } from './workload.js';

const help = `npm run bench -- NAME

  train   a training step of ResNet-20 at batch 128: this project on 1 and 2 threads, and plain tfjs
  infer   a forward pass of ResNet-20 at batch 128, likewise
  data    images a second that the loader gives on one thread`;

const [name] = process.argv.slice(2);
if (name === 'train' || name === 'infer') await compare(name);
else if (name === 'data') await benchmarkData();
else {
  console.log(help);
  process.exitCode = name === undefined || name === '--help' ? 0 : 2;
}

/** Every configuration several times in turn, so that a change of the machine's mood meets all of them. */
async function compare(mode: 'train' | 'infer'): Promise<void> {
  const [network, batchSize, turns] = ['resnet20', 128, 3];
  const configurations = [
    { label: 'plain tfjs, 1 thread', library: 'plain-tfjs', threads: 1, rounds: 2 },
    { label: 'this project, 1 thread', library: 'ours', threads: 1, rounds: 7 },
    { label: 'this project, 2 threads', library: 'ours', threads: 2, rounds: 7 },
  ];
  const results = configurations.map(() => [] as Measurement[]);
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, { library, threads, rounds }] of configurations.entries()) {
      process.stderr.write(`turn ${turn + 1} of ${turns}: ${configurations[index]!.label}\n`);
      const args = [library, network, batchSize, threads, mode, rounds].map(String);
      const script = fileURLToPath(new URL('./measure.js', import.meta.url));
      results[index]!.push(
        JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' })) as Measurement,
      );
    }
  }

  const gigaflops = await workOf(network, batchSize, mode);
  const medianOf = (index: number, value: (m: Measurement) => number) =>
    results[index]!.map(value).sort((a, b) => a - b)[turns >> 1]!;
  const baseline = medianOf(0, (m) => m.milliseconds);
  console.log(
    `${network}, batch ${batchSize}, ${mode}: ${gigaflops.toFixed(1)} GFLOP. Node ${process.version}, ${os.cpus()[0]!.model}, ${os.cpus().length} cores.\n`,
  );
  console.log('| | ms | images/s | GFLOP/s | times plain tfjs | peak MB of tensors | WASM heap MB |');
  console.log('|---|---|---|---|---|---|---|');
  for (const [index, { label }] of configurations.entries()) {
    const milliseconds = medianOf(index, (m) => m.milliseconds);
    const cells = [
      label,
      milliseconds.toFixed(0),
      ((1000 * batchSize) / milliseconds).toFixed(0),
      ((1000 * gigaflops) / milliseconds).toFixed(1),
      (baseline / milliseconds).toFixed(1),
      medianOf(index, (m) => m.peakMegabytes).toFixed(0),
      medianOf(index, (m) => m.heapMegabytes).toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/**
 * Billions of floating-point operations: two for a multiply-add. A training step takes three times the forward
 * pass, without the gradient of the images.
 */
async function workOf(network: string, batchSize: number, mode: 'train' | 'infer'): Promise<number> {
  const backend = await useBackend('cpu');
  const model = create(network);
  const { multiplyAdds, layers } = summarize(model);
  model.dispose();
  backend.dispose();
  const perImage = mode === 'infer' ? multiplyAdds : 3 * multiplyAdds - layers[0]!.multiplyAdds;
  return (2 * perImage * batchSize) / 1e9;
}
