// A custom block, made of what the packages export alone: pre-activation (He et al., "Identity Mappings in Deep Residual
// Networks") with squeeze-and-excitation (Hu et al., "Squeeze-and-Excitation Networks"). It says once what it computes. From
// that it is trained, tested, fused, counted, exported to ONNX and opened again.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@resnet/backend';
import {
  Add,
  Conv2d,
  createShortcut,
  GlobalAveragePool,
  type Graph,
  Layer,
  Linear,
  Module,
  type NormLayer,
  type OnnxGraph,
  Relu,
  type Shape,
  type Shortcut,
  Sigmoid,
  type Value,
} from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { channelStatistics, type ImageSet, imageAt, selectImages } from '@resnet/data';
import { readDigits } from '@resnet/data/node';
import { evaluate, multiScaleView } from '@resnet/eval';
import { recipe, withIterations } from '@resnet/train';
import { trainRun } from '@resnet/train/node';
import { type BlockOptions, create, fuse, prepare, ResNet, register, summarize, toTensor } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import * as tf from '@tensorflow/tfjs-core';

/** A layer that the packages lack: it multiplies each channel of a map by a number for that channel. */
class Scale extends Layer {
  readonly kind = 'scale';

  override outputShape(map: Shape): Shape {
    return map;
  }

  override infer(_: object, map: tf.Tensor, gates: tf.Tensor): tf.Tensor {
    return tf.mul(map, tf.reshape(gates, [-1, 1, 1, map.shape.at(-1)!]));
  }

  override toOnnx(onnx: OnnxGraph, name: string, [map, gates]: [string, string]): void {
    // Images are NCHW there; 0 keeps the number of images.
    const shape = onnx.integers(`${name}.shape`, [0, -1, 1, 1]);
    onnx.node('Reshape', `${name}.gates`, [gates, shape]);
    onnx.node('Mul', name, [map, `${name}.gates`]);
  }
}

/** How much narrower the gates' hidden layer is than the map. */
const REDUCTION = 4;

/** y = x + s(F(x)), where F begins with normalization and ReLU, and s weighs channels. */
class PreactSeBlock extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly bn1: NormLayer;
  readonly relu1 = new Relu();
  readonly conv1: Conv2d;
  readonly bn2: NormLayer;
  readonly relu2 = new Relu();
  readonly conv2: Conv2d;
  readonly pool = new GlobalAveragePool();
  readonly squeeze: Linear;
  readonly relu3 = new Relu();
  readonly excite: Linear;
  readonly sigmoid = new Sigmoid();
  readonly scale = new Scale();
  readonly downsample: Shortcut;
  readonly add = new Add();

  constructor({ inChannels, width, stride, normLayer, random }: BlockOptions) {
    super();
    this.bn1 = normLayer(inChannels);
    this.conv1 = new Conv2d({ inChannels, outChannels: width, size: 3, stride, random });
    this.bn2 = normLayer(width);
    this.conv2 = new Conv2d({ inChannels: width, outChannels: width, size: 3, random });
    const hidden = width / REDUCTION;
    this.squeeze = new Linear({ inFeatures: width, outFeatures: hidden, random });
    this.excite = new Linear({ inFeatures: hidden, outFeatures: width, random });
    this.downsample = createShortcut({
      option: 'B',
      inChannels,
      outChannels: width,
      stride,
      normLayer,
      random,
    });
  }

  override describe(graph: Graph, x: Value): Value {
    const residual = graph.chain(x, this.bn1, this.relu1, this.conv1, this.bn2, this.relu2, this.conv2);
    const gates = graph.chain(residual, this.pool, this.squeeze, this.relu3, this.excite, this.sigmoid);
    const weighed = graph.call(this.scale, residual, gates);
    return graph.call(this.add, weighed, graph.call(this.downsample, x));
  }
}

const NAME = 'preact-se-resnet20';

/** For 32×32 images: three stages of three blocks, as ResNet-20 has. A convolution alone begins it, and normalization ends it. */
register(
  NAME,
  ({ classes = 10, inChannels = 3, imageSize, ...weights }) =>
    new ResNet({
      ...weights,
      architecture: { name: NAME, classes, inChannels, ...(imageSize === undefined ? {} : { imageSize }) },
      designSize: 32,
      stem: ({ random }) => ({ conv1: new Conv2d({ inChannels, outChannels: 16, size: 3, random }) }),
      stages: [16, 32, 64].map((width) => ({ blocks: 3, width })),
      block: (options) => new PreactSeBlock(options),
      final: ({ channels, normLayer }) => ({ norm: normLayer(channels), relu: new Relu() }),
    }),
);

const backend = await useBackend('wasm', { threads: 1 });
const { train, test } = await readDigits();
const { mean, std } = channelStatistics(train);
const normalization = { mean: Float32Array.from(mean), std: Float32Array.from(std) };
const some = selectImages(
  test,
  Array.from({ length: 100 }, (_, index) => index),
);
const [first, second] = process.argv.slice(2);
if (first === 'open') await open(second!);
else await demonstrate(Number(first ?? 60));
backend.dispose();

async function demonstrate(iterations: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'custom-block-'));
  const run = join(folder, 'run');
  const network = create(NAME, { inChannels: 1 });
  const { parameters, multiplyAdds, depth } = summarize(network);
  say('summary', { parameters, multiplyAdds, depth });

  const half = new AbortController();
  const training = {
    folder: run,
    network,
    train,
    test: some,
    normalization,
    recipe: withIterations(recipe('digits'), iterations),
  };
  await trainRun({
    ...training,
    signal: half.signal,
    onProgress: ({ iteration }) => {
      if (iteration >= iterations / 2) half.abort();
    },
  }).catch((error) => {
    if (!ResnetError.is(error) || error.code !== 'ABORTED') throw error;
  });
  const { iterations: steps, testError } = await trainRun({ ...training, resume: true });
  say('trained, stopped in the middle and resumed', { steps, testError });

  network.setTraining(false);
  const view = multiScaleView({ shorterSides: [32, 40, 48] });
  const single = await evaluate(network, some, { normalization });
  const several = await evaluate(fuse(network), some, { normalization, view });
  say('wrong of 100', { 'single view': single.top1Errors, 'multi-scale': several.top1Errors });

  const input = toTensor(some, normalization);
  const logits = network.forward(input);
  const fused = fuse(network).forward(input);
  const { default: runtime } = await import('onnxruntime-web');
  const onnx = await (await prepare(network, { engine: 'onnxruntime', runtime })).infer(input);
  say('largest difference of logits', { fused: apart(fused, logits), onnx: apart(onnx, logits) });

  const model = join(run, 'model.safetensors');
  const opened = execFileSync(process.execPath, [
    ...process.execArgv,
    fileURLToPath(import.meta.url),
    'open',
    model,
  ]);
  console.log(String(opened).trim());
  say('here', { 'logits of one image': await logitsOf(network, some) });
  tf.dispose([input, logits, fused, onnx]);
  await rm(folder, { recursive: true });
}

/** What another process does, which has this file and the model's. */
async function open(file: string): Promise<void> {
  const { network } = await loadModel(file);
  const { name } = network.architecture;
  say('opened in a new process', { name, 'logits of one image': await logitsOf(network, some) });
}

async function logitsOf(network: { forward(x: tf.Tensor4D): tf.Tensor2D }, set: ImageSet): Promise<number[]> {
  const { pixels: images, height, width, channels } = imageAt(set, 0);
  const x = toTensor({ images, count: 1, height, width, channels }, normalization);
  const logits = network.forward(x);
  const values = Array.from(await logits.data());
  tf.dispose([x, logits]);
  return values;
}

/** The largest difference, as a share of the largest value. */
function apart(found: tf.Tensor, expected: tf.Tensor): number {
  return tf.tidy(
    () => tf.div(tf.max(tf.abs(tf.sub(found, expected))), tf.max(tf.abs(expected))).dataSync()[0]!,
  );
}

function say(what: string, found: Record<string, unknown>): void {
  console.log(`${what}: ${JSON.stringify(found)}`);
}
