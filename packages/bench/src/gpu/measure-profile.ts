// Measures where the time of a training step goes, on WebGPU, in a separate process:
// node measure-profile.js NETWORK SIZE BATCH_SIZE STEPS → one line of JSON

import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type ImageSet } from '@resnet/data';
import { fit, recipe } from '@resnet/train';
import { answer } from '../measuring/answer.js';
import { median } from '../measuring/median.js';
import { Dispatches } from '../networks/dispatches.js';
import { launchOf } from '../networks/launch.js';
import { createNetwork } from '../networks/ours.js';

/** Dispatches of one name, in one step. */
export interface ProgramTime {
  name: string;
  dispatches: number;
  /** On the GPU; 0 where the device does not measure it. */
  milliseconds: number;
}

/** What this script prints; milliseconds of a step. */
export interface Profile {
  device: string;
  hasTimes: boolean;
  programs: ProgramTime[];
  /** Of JavaScript, until the last dispatch is recorded. */
  recording: number;
  /** Until the loss is there. */
  whole: number;
  /** A step of `fit`, as `resnet train` makes it: with new images, and checks of the loss, the errors and the gradients. */
  fit: { dispatches: number; milliseconds: number };
}

const [network, ...numbers] = process.argv.slice(2) as [string, string, string, string];
const [size, batchSize, steps] = numbers.map(Number) as [number, number, number];
const { device } = await useBackend('webgpu');
const dispatches = new Dispatches();
const launch = await launchOf({ network, size, batchSize, mode: 'train' });

// The first compiles, the second finds the buffers that it needs.
for (let step = 0; step < 2; step++) await timeStep();
const times = [];
for (let step = 0; step < steps; step++) times.push(await timeStep());
const profile: Profile = {
  device,
  hasTimes: dispatches.hasTimes,
  programs: await timePrograms(),
  recording: median(times.map(({ recording }) => recording))!,
  whole: median(times.map(({ whole }) => whole))!,
  fit: await timeFit(),
};
answer(profile);

async function timeStep(): Promise<{ recording: number; whole: number }> {
  const started = performance.now();
  const loss = await launch();
  const recording = dispatches.lastRecorded - started;
  await loss.data();
  const whole = performance.now() - started;
  loss.dispose();
  return { recording, whole };
}

/** The mean of all steps, as Dawn rounds each time to 0.066 ms. */
async function timePrograms(): Promise<ProgramTime[]> {
  const programs = new Map<string, ProgramTime>();
  for (let step = 0; step < steps; step++) {
    const timed = await dispatches.timesOf(async () => (await launch()).dispose());
    for (const { name, milliseconds } of timed) {
      const program = programs.get(name) ?? { name, dispatches: 0, milliseconds: 0 };
      programs.set(name, program);
      program.dispatches += 1 / steps;
      program.milliseconds += milliseconds / steps;
    }
  }
  return [...programs.values()].map((program) => ({
    ...program,
    dispatches: Math.round(program.dispatches),
  }));
}

/** The last of its steps: from one report of progress to the next. */
async function timeFit(): Promise<Profile['fit']> {
  const iterations = steps + 2;
  const marks: { dispatches: number; time: number }[] = [];
  await fit(createNetwork(network), {
    train: noise(2 * batchSize),
    recipe: recipe('cifar10-paper', { batchSize, iterations }),
    normalization: IMAGENET_NORMALIZATION,
    onProgress: () => marks.push({ dispatches: dispatches.names.length, time: performance.now() }),
    checkpointEvery: iterations,
  });
  const [before, last] = marks.slice(-2) as [(typeof marks)[0], (typeof marks)[0]];
  return { dispatches: last.dispatches - before.dispatches, milliseconds: last.time - before.time };
}

function noise(count: number): ImageSet {
  const random = new Random(1);
  return {
    ...{ name: 'noise', count, height: size, width: size, channels: 3 },
    images: Uint8Array.from({ length: count * size * size * 3 }, () => random.int(256)),
    labels: Uint8Array.from({ length: count }, (_, index) => index % 10),
    classes: Array.from({ length: 10 }, String),
  };
}
