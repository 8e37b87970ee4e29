// Trains a ResNet-20 on 9,000 handwritten digits, tests it on 1,000 others, and leaves a folder with the network,
// its curves and a report. Nothing but Node is needed: the computing is done by WebAssembly.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { channelStatistics } from '@resnet/data';
import { readDigits } from '@resnet/data/node';
import { recipe } from '@resnet/train';
import { trainRun } from '@resnet/train/node';
import { create } from '@resnet/zoo';
import { SingleBar } from 'cli-progress';

const folder = newFolder();
const backend = await useBackend('wasm');
const { train, test } = await readDigits();
const network = create('resnet20', { inChannels: 1 });
const { mean, std } = channelStatistics(train);
const digits = recipe('digits');

console.log(
  `ResNet-20, ${network.parameterCount().toLocaleString('en-US')} parameters, on ${backend.device}`,
);
console.log(
  `${train.count} images to learn from, ${test.count} to be tested on; Ctrl-C stops and keeps what is learned.\n`,
);

// The first Ctrl-C ends the step that is running and saves; the second leaves at once.
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

const bar = new SingleBar({
  format: '{bar} {value}/{total} steps | loss {loss} | error {error} | {speed} images/s | {left} left',
  hideCursor: true,
  // Into a file or pipe, a line every few seconds.
  noTTYOutput: true,
  notTTYSchedule: 10_000,
});
bar.start(digits.iterations, 0, { loss: '–', error: '–', speed: '–', left: '–' });

try {
  const result = await trainRun({
    folder,
    network,
    train,
    test,
    recipe: digits,
    testEvery: 40,
    normalization: { mean: Float32Array.from(mean), std: Float32Array.from(std) },
    device: backend.device,
    signal: interruption.signal,
    onProgress: ({ iteration, loss, error, imagesPerSecond, secondsLeft }) =>
      bar.update(iteration, {
        loss: loss.toFixed(3),
        error: percent(error),
        speed: imagesPerSecond.toFixed(0),
        left: `${Math.ceil(secondsLeft)} s`,
      }),
  });
  bar.stop();
  console.log(
    [
      '',
      `Test error: ${percent(result.testError)} (${result.testErrors} of ${result.testCount} digits wrong), in ${result.seconds.toFixed(0)} s.`,
      '',
      'Written:',
      ...result.files.map((file) => `  ${file}`),
      '',
      'What next:',
      `  The curves:  open ${join(folder, 'curves.svg')} in a browser.`,
      '  CIFAR-10:    `npx @resnet/cli train resnet20 --dataset cifar10 --data cifar --download` fetches it first (docs/cifar10.md).',
      '  GPU:         this was WebAssembly, on every core. `npx @resnet/cli doctor` shows what else this machine can compute with.',
      '  Browser:     `npm run browser` serves a page that classifies, trains and looks inside (examples/browser).',
    ].join('\n'),
  );
} catch (error) {
  bar.stop();
  if (!ResnetError.is(error)) throw error;
  console.error(`\nerror ${error.code}: ${error.message}`);
  if (error.code === 'ABORTED') {
    console.error(
      `Go on with: npx @resnet/cli train --dataset digits --out ${dirname(folder)} --name ${basename(folder)} --resume`,
    );
  }
  process.exitCode = error.code === 'ABORTED' ? 130 : 1;
} finally {
  network.dispose();
  backend.dispose();
}

/** runs/digits, or runs/digits-2, … where that is taken. Runs land where the command was given. */
function newFolder(): string {
  const parent = join(process.env.INIT_CWD ?? '.', 'runs');
  for (let number = 1; ; number++) {
    const candidate = join(parent, number === 1 ? 'digits' : `digits-${number}`);
    if (!existsSync(candidate)) return candidate;
  }
}

function percent(error: number): string {
  return `${(100 * error).toFixed(2)} %`;
}
