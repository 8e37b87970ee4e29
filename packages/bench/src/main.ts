import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareCurves } from './curves/compare-curves.js';
import { benchmarkData } from './data/loading.js';
import { benchmarkDataMemory } from './data/memory.js';
import { benchmarkDataTraining } from './data/training.js';
import { compareDetection } from './detection/compare-detection.js';
import { compareEvaluations } from './evaluation/compare-evaluations.js';
import { gpuHelp, isGpuCommand, runGpuCommand } from './gpu/commands.js';
import { kernelCases } from './kernels/cases/index.js';
import { compareAlgorithms } from './kernels/compare-algorithms.js';
import { compareKernels } from './kernels/compare-kernels.js';
import { measurePeak, type Peak } from './measuring/peak.js';
import { machine } from './measuring/table.js';
import { compareBusy } from './models/compare-busy.js';
import { compareNetworks } from './models/compare-networks.js';
import { modelTasks, type ScheduledTask, trainTasks } from './models/tasks.js';
import { isImageNetName } from './networks/imagenet.js';
import { compareRegions } from './regions/compare-regions.js';

const help = `npm run bench -- NAME [--quick]

  train [NETWORK …]  a training step of ResNet-20 to 110 for CIFAR at batch 128: this project, plain tfjs and PyTorch
  infer              a forward pass of ResNet-20 at batch 128, by all that models compares
  kernels [TEXT]     every kernel: this project, plain tfjs and onnxruntime-web; those whose names contain TEXT
  regions            RoIAlign, RoI max pooling and nearest upsampling on a level of an FPN: this project and torchvision
  detection          Faster R-CNN on a ResNet-50 with a pyramid, one image: this project and torchvision, and where the time goes
  models [NETWORK …] inference of ResNet-18, 50 and 152 at batch 1 and 8: this project, onnxruntime-web and LiteRT.js, all
                     in float32 and in 8 bits, plain tfjs, and PyTorch; a training step of ResNet-20 and 56; only those
                     of the networks that are named
  busy [NETWORK]     one image on a machine whose other cores are taken by another program: ResNet-50
  browser [NETWORK …] one image in Chromium: ResNet-18 and 50, the same libraries but for plain tfjs and PyTorch
  algorithms         3×3 convolutions over many shapes: directly, and by the algorithm that the kernels choose
  curves             the loss of ResNet-20 in 200 steps: Winograd's convolutions, direct ones, and tfjs's own kernels
  evaluate           images a second that evaluate tests, of ResNet-20 and 50: this project's kernels and onnxruntime-web
  data               images a second that the loader gives; of image files too, with --data
  data-memory        with --data: the most memory over ten epochs of image files, and over a gigabyte of tar shards
  data-training      with --data: how long a training of ResNet-18 on image files waits for them

  --quick            one turn of measurements instead of several; a tenth of the steps
  --data DIR         for curves: the folder of CIFAR-10, instead of handwritten digits; for the others: a folder of images,
                     which evaluate can do without
  --picture FILE     for curves: where to draw them, as SVG
${gpuHelp}

Each library runs on one thread and on two, if it can, in a separate process. PyTorch is compared where python3 has it.

Examples:
  npm run bench -- kernels                      all kernels
  npm run bench -- kernels "conv 3x3"           some of them
  npm run bench -- models resnet50 --quick      one network

One library alone, after npm run build, in packages/bench/dist (JSON):
  node measure-kernels.js onnxruntime 2 "conv 3x3"              LIBRARY THREADS [TEXT]
  node --expose-gc measure-network.js ours 2 resnet50 8 infer 5 LIBRARY THREADS NETWORK BATCH_SIZE train|infer SECONDS
Libraries are ours, plain-tfjs (one thread only), onnxruntime and litert; ours-int8, onnxruntime-int8 and litert-int8 for
measure-network.js.`;

const [first, ...parameters] = process.argv.slice(2);

if (!(isGpuCommand(first) ? await runGpuCommand(first, parameters) : await runOther())) {
  console.log(help);
  process.exitCode = 2;
}

/** Whether the command line was valid; if so, it has run. */
async function runOther(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      data: { type: 'string' },
      picture: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (!values.help && name !== undefined) return run(name, rest, values);
  console.log(help);
  return true;
}

/** Whether there is such a benchmark. */
async function run(
  name: string,
  rest: string[],
  values: { quick: boolean; data?: string; picture?: string },
): Promise<boolean> {
  const turnsOr = (turns: number) => (values.quick ? 1 : turns);
  if (name === 'infer') {
    await compareAll([{ network: 'resnet20', batchSize: 128, mode: name, turns: turnsOr(5), seconds: 4 }]);
  } else if (name === 'kernels') {
    const text = rest.join(' ');
    if (kernelCases(text).length === 0) return false;
    await compareKernels(text, { turns: turnsOr(5), peak: await announcePeak() });
  } else if (name === 'regions') {
    console.log(machine());
    await compareRegions({ turns: turnsOr(5) });
  } else if (name === 'detection') {
    console.log(machine());
    await compareDetection({ turns: turnsOr(3), seconds: 10 });
  } else if (name === 'models' || name === 'train') {
    const known = name === 'train' ? trainTasks : modelTasks;
    const tasks = known.filter(({ network }) => rest.length === 0 || rest.includes(network));
    if (rest.some((network) => tasks.every((task) => task.network !== network))) return false;
    await compareAll(tasks.map((task) => ({ ...task, turns: turnsOr(task.turns) })));
  } else if (name === 'busy') {
    const [network = 'resnet50'] = rest;
    console.log(machine());
    await compareBusy(network, { turns: turnsOr(5), seconds: 3 });
  } else if (name === 'browser') {
    const { compareInBrowser } = await import('./browser/compare-in-browser.js');
    const networks = rest.length > 0 ? rest : ['resnet18', 'resnet50'];
    if (!networks.every(isImageNetName)) return false;
    await compareInBrowser(networks, { turns: turnsOr(3), seconds: 3 });
  } else if (name === 'algorithms') {
    console.log(machine());
    await compareAlgorithms({ turns: turnsOr(3) });
  } else if (name === 'curves') {
    await compareCurves({
      steps: values.quick ? 20 : 200,
      data: path(values.data),
      picture: path(values.picture),
    });
  } else if (name === 'evaluate') {
    await compareEvaluations(path(values.data), { turns: turnsOr(3) });
  } else if (name === 'data') {
    await benchmarkData(path(values.data));
  } else if (name === 'data-memory' && values.data !== undefined) {
    await benchmarkDataMemory(path(values.data)!);
  } else if (name === 'data-training' && values.data !== undefined) {
    await benchmarkDataTraining(path(values.data)!, { steps: values.quick ? 4 : 20 });
  } else return false;
  return true;
}

/** Paths are relative to where npm was called, not to this package. */
function path(given: string | undefined): string | undefined {
  return given && resolve(process.env.INIT_CWD ?? '.', given);
}

async function compareAll(tasks: ScheduledTask[]): Promise<void> {
  const peak = await announcePeak();
  for (const { turns, seconds, ...task } of tasks) await compareNetworks(task, { turns, seconds, peak });
}

/** Prints the machine, and the highest speed that a kernel could reach on it. */
async function announcePeak(): Promise<Peak> {
  const peak = await measurePeak();
  console.log(machine());
  console.log(
    `FMA peak of one thread: ${peak.gigaflopsPerSecond.toFixed(1)} GFLOP/s (${peak.instructions}).`,
  );
  console.log(
    'Operations are counted by the definition: an algorithm that needs fewer can come above the peak.',
  );
  return peak;
}
