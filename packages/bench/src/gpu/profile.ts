import { cell, machine, printTable } from '../measuring/table.js';
import { runScript } from '../measuring/turns.js';
import type { Profile, ProgramTime } from './measure-profile.js';
import { gpuTasks, titleOf } from './tasks.js';

/** Programs that get a row each. */
const mostRows = 20;

/** Networks whose training steps can be profiled. */
export const profiledNetworks = ['resnet20', 'resnet50'];

/** Prints where the time of a training step on WebGPU goes: dispatches, GPU and JavaScript. */
export function profileTraining(
  network: string,
  { quick, batchSize: given }: { quick: boolean; batchSize?: number },
): void {
  const tasks = gpuTasks({ quick, ...(given ? { batchSize: given } : {}) });
  const task = tasks.find((candidate) => candidate.network === network && candidate.mode === 'train')!;
  const { size, batchSize } = task;
  const { device, hasTimes, programs, recording, whole, fit } = runScript('measure-profile', [
    ...[network, size, batchSize, quick ? 1 : 10],
  ]) as Profile;
  const total = sumOf(programs, 'all');
  console.log(`${machine()} ${device}.\n\n${titleOf(task)}\n`);
  printTable(
    ['a step', 'dispatches', 'ms'],
    [
      ['forward, backward, update', cell(total.dispatches), cell(whole, 2)],
      ['of it JavaScript, until the last dispatch is recorded', '', cell(recording, 2)],
      ['of it the GPU, each dispatch alone', '', cell(hasTimes ? total.milliseconds : undefined, 2)],
      ['the same in `resnet train`, with its checks', cell(fit.dispatches), cell(fit.milliseconds, 2)],
    ],
  );
  if (!hasTimes) console.log('\nThis device tells no times: the rows are sorted by dispatches.');
  const value = ({ dispatches, milliseconds }: ProgramTime) => (hasTimes ? milliseconds : dispatches);
  const sorted = [...programs].sort((a, b) => value(b) - value(a));
  const rest = sorted.slice(mostRows);
  const rows = [
    ...sorted.slice(0, mostRows),
    ...(rest.length > 0 ? [sumOf(rest, `${rest.length} others`)] : []),
  ];
  console.log('');
  printTable(
    ['program', 'dispatches', 'GPU ms', 'share'],
    rows.map(({ name, dispatches, milliseconds }) => [
      name,
      cell(dispatches),
      cell(hasTimes ? milliseconds : undefined, 3),
      cell(hasTimes ? (100 * milliseconds) / total.milliseconds : undefined, 1, ' %'),
    ]),
  );
}

function sumOf(programs: ProgramTime[], name: string): ProgramTime {
  const total = (key: 'dispatches' | 'milliseconds') =>
    programs.reduce((sum, program) => sum + program[key], 0);
  return { name, dispatches: total('dispatches'), milliseconds: total('milliseconds') };
}
