// Times a detector in a separate process: node measure-detection.js ours THREADS SECONDS → one line of JSON

import { useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import {
  type DetectorStages,
  detect,
  detectionSettings,
  namedDetector,
  prepareDetector,
} from '@resnet/detection';
import { answer } from '../measuring/answer.js';
import { median } from '../measuring/median.js';

/** What this script prints. */
export interface DetectionMeasurement {
  milliseconds: number;
  /** Milliseconds of the parts; those of PyTorch are not told apart. */
  parts?: Record<'trunk, pyramid and proposal head' | 'region heads' | 'the rest', number>;
  /** The most memory that the process has had. */
  peakMegabytes: number;
  /** That were judged. */
  regions: number;
}

/** An image that the detector sees as 800 × 1066 pixels, in a batch of 800 × 1088. */
const [height, width] = [480, 640];

const [, threads, seconds] = process.argv.slice(2);
await useBackend('wasm', { threads: Number(threads) });
// Blocks that start as identities keep the numbers small, so that it proposes as many regions as a trained one.
const detector = namedDetector('resnet50-fpn', { classes: 90, zeroInitLast: true });
detector.setTraining(false);
const prepared = prepareDetector(detector);
detector.dispose();

const pixels = Uint8Array.from({ length: height * width * 3 }, (_, index) => (index * index * 31) % 251);
const options = { normalization: IMAGENET_NORMALIZATION, settings: detectionSettings('fpn') };

/** Milliseconds in the stages of the image that is looked at. */
const spent = { first: 0, heads: 0 };
let regions = 0;
function timed<T>(part: keyof typeof spent, run: () => T): T {
  const from = performance.now();
  const result = run();
  spent[part] += performance.now() - from;
  return result;
}
const stages: DetectorStages = {
  settings: prepared.settings,
  anchors: prepared.anchors,
  first: (images) => timed('first', () => prepared.first(images)),
  features: (pooled) => {
    regions = pooled.shape[0];
    return timed('heads', () => prepared.features(pooled));
  },
  predict: (features) => timed('heads', () => prepared.predict(features)),
};

const turns: { total: number; first: number; heads: number }[] = [];
const until = performance.now() + 1000 * Number(seconds);
// The first one makes the kernels ready.
for (let turn = 0; turn < 4 || performance.now() < until; turn++) {
  Object.assign(spent, { first: 0, heads: 0 });
  const from = performance.now();
  await detect(stages, { pixels, height, width, channels: 3 }, options);
  if (turn > 0) turns.push({ total: performance.now() - from, ...spent });
}
const middle = (of: (turn: (typeof turns)[number]) => number) => median(turns.map(of))!;
const measurement: DetectionMeasurement = {
  milliseconds: middle(({ total }) => total),
  parts: {
    'trunk, pyramid and proposal head': middle(({ first }) => first),
    'region heads': middle(({ heads }) => heads),
    'the rest': middle(({ total, first, heads }) => total - first - heads),
  },
  regions,
  // Node counts in KiB.
  peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
};
answer(measurement);
